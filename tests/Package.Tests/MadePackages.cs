using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Toolchain.Tests;
using Xunit;

namespace Package.Tests;

/// <summary>What scripts/package makes for this machine's processor, made once for all tests.</summary>
/// <param name="Folder">Where it is.</param>
internal sealed record MadePackages(string Folder)
{
    private static readonly Lazy<Task<MadePackages>> Once = new(MakeAsync);

    public static string Target { get; } = $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>A folder for what tests make of them.</summary>
    public static string Work { get; } = Clone.Here.At("artifacts/package-tests");

    public string Deb => Single("*.deb");

    public string Ipk => Single("*.ipk");

    public string Tarball => Single("*.tar.gz");

    public string Sbom => Single("*.cdx.json");

    public string Checksums => Single("SHA256SUMS");

    public static Task<MadePackages> GetAsync() => Once.Value;

    public static async Task<MadePackages> MakeAsync()
    {
        (await Clone.Here.RunAsync("scripts/package", "--target", Target)).OrSkip().Succeeded();
        Directory.CreateDirectory(Work);
        return new MadePackages(Clone.Here.At($"artifacts/{Target}/packages"));
    }

    /// <summary>Runs a line of shell in the clone; $1 and so on are the arguments.</summary>
    public static async Task<string> ShellAsync(string line, params string[] arguments) =>
        (await Clone.Here.RunAsync(["sh", "-e", "-c", line, "sh", .. arguments])).Succeeded();

    /// <summary>The lines of a command's output.</summary>
    public static async Task<string[]> LinesAsync(string line, params string[] arguments) =>
        (await ShellAsync(line, arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string Single(string pattern) => Assert.Single(Directory.GetFiles(Folder, pattern));
}
