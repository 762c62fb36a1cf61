using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// Connections that fronts keep for their next request, on the way from a program to the one that takes its place in the same process:
/// closed, they would cost a front the request that it has just begun to send.
/// </summary>
/// <remarks>
/// Descriptors that stay open, and a variable that says which: <code>FASTCGI_KEPT_CONNECTIONS=1234:7,9,12</code> with the process's id, as
/// LISTEN_PID of sd_listen_fds(3).
/// </remarks>
internal static class KeptConnections
{
    private const string Variable = "FASTCGI_KEPT_CONNECTIONS";

    /// <summary>An environment in which the variable names these connections.</summary>
    /// <param name="environment">Variables, each ended by a NUL, as in /proc/self/environ; may have those of an earlier time.</param>
    /// <param name="descriptors">The connections.</param>
    public static byte[] AddTo(ReadOnlySpan<byte> environment, IReadOnlyList<int> descriptors)
    {
        byte[] name = Encoding.ASCII.GetBytes($"{Variable}=");
        List<byte> all = [];
        while (!environment.IsEmpty)
        {
            int end = environment.IndexOf((byte)0);
            int length = end < 0 ? environment.Length : end + 1;
            if (!environment.StartsWith(name))
                all.AddRange(environment[..length]);
            environment = environment[length..];
        }
        all.AddRange(Encoding.ASCII.GetBytes($"{Variable}={Environment.ProcessId}:{string.Join(',', descriptors)}\0"));
        return [.. all];
    }

    /// <summary>The connections that were left for this process, closed in children from now on. The variable is removed.</summary>
    public static IReadOnlyList<int> Take()
    {
        string[] parts = Environment.GetEnvironmentVariable(Variable)?.Split(':') ?? [];
        Environment.SetEnvironmentVariable(Variable, null);
        List<int> descriptors = [];
        if (parts.Length != 2 || parts[0] != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            return descriptors;
        foreach (string number in parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor) && LibC.CloseInChildren(descriptor) >= 0)
                descriptors.Add(descriptor);
        }
        return descriptors;
    }
}
