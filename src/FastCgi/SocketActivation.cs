using System;
using System.Globalization;
using System.IO;

namespace FastCgi;

/// <summary>What a service manager such as systemd says to a program it hands sockets to: sd_listen_fds(3).</summary>
internal static class SocketActivation
{
    private const int FirstDescriptor = 3; // SD_LISTEN_FDS_START

    /// <summary>Whether sockets were handed to this process; the variables may also be those of the one that started it.</summary>
    public static bool IsForThisProcess => Number("LISTEN_PID") == Environment.ProcessId && Number("LISTEN_FDS") > 0;

    /// <summary>The descriptor, if it is one. The variables are removed: they are nothing to children.</summary>
    /// <exception cref="IOException">There are several.</exception>
    public static int TheOneDescriptor()
    {
        int count = Number("LISTEN_FDS");
        string? names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES");
        foreach (string variable in (ReadOnlySpan<string>)["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"])
            Environment.SetEnvironmentVariable(variable, null);
        return count == 1
            ? FirstDescriptor
            : throw new IOException($"LISTEN_FDS hands over {count} sockets ({names ?? "without names"}), and one is served: give each a service of its own");
    }

    /// <summary>0 when the variable is not there or no number.</summary>
    private static int Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
