using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Integration.Tests.Fixture;

/// <summary>Where everything is that these tests start, and whether it is there.</summary>
public static class Machine
{
    /// <summary>The clone.</summary>
    public static string Root { get; } = typeof(Machine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Root").Value!;

    /// <summary>
    /// Where the tested binaries are: the folder that TEST_BINARIES names, below the clone or with its full path, otherwise where
    /// scripts/build puts those for this machine.
    /// </summary>
    public static string Binaries { get; } = Path.Combine(
        Root,
        Environment.GetEnvironmentVariable("TEST_BINARIES")
            ?? $"artifacts/linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}");

    public static string Appliance => $"{Binaries}/appliance";

    public static string Responder => $"{Binaries}/responder";

    /// <summary>The runner sets CI=true: then what is missing is a failure, or a broken build would look green.</summary>
    public static bool IsRunner => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>What the tests cannot do without and how to get it; null when all is there.</summary>
    public static string? Missing { get; } = FirstMissing();

    /// <summary>Where a command is; null when it is not on PATH. Debian keeps servers in sbin, which a user's PATH leaves out.</summary>
    public static string? Find(string command) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin".Split(':')
            .Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);

    private static string? FirstMissing()
    {
        if (!File.Exists(Appliance))
            return $"{Appliance} is missing: run scripts/build";
        if (!File.Exists(Responder))
            return $"{Responder} is missing: run scripts/build --project tests/Responder/Responder.csproj";
        foreach (string command in (string[])["lighttpd", "setsid"])
        {
            if (Find(command) is null)
                return $"{command} is not installed";
        }
        return null;
    }
}
