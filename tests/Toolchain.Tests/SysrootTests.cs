using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using Xunit;

namespace Toolchain.Tests;

/// <summary>A sysroot is whole or is made again; in a copy of the scripts that shares only downloaded packages with the clone.</summary>
public sealed class SysrootTests : IDisposable
{
    private const string Target = "linux-musl-arm"; // the smallest
    private readonly Clone _copy = new(Clone.Here.At($"artifacts/toolchain-tests/{Environment.ProcessId}"));

    public SysrootTests()
    {
        foreach (string folder in (string[])["scripts", "toolchain", "toolchain/targets", "artifacts"])
            Directory.CreateDirectory(_copy.At(folder));
        string[] files = ["Appliance.sln", "scripts/env", "scripts/debs", "scripts/sysroot", $"toolchain/targets/{Target}.props"];
        foreach (string file in files)
            File.Copy(Clone.Here.At(file), _copy.At(file));
        Directory.CreateDirectory(Clone.Here.At("artifacts/debs"));
        Directory.CreateSymbolicLink(_copy.At("artifacts/debs"), Clone.Here.At("artifacts/debs"));
    }

    private string Sysroot => _copy.At($"artifacts/sysroots/{Target}");

    private string Manifest => Path.Combine(Sysroot, "manifest");

    public void Dispose() => Directory.Delete(_copy.Root, recursive: true);

    [ScriptFact]
    public async Task TheManifestNamesThePackagesWithTheirChecksums()
    {
        await MakeAsync();

        string[] packages = [.. File.ReadLines(Manifest).Where(line => line.EndsWith(".deb", StringComparison.Ordinal))];
        Assert.Contains(packages, line => line.Contains("  musl-dev_", StringComparison.Ordinal));
        Assert.Contains(packages, line => line.Contains("  libgcc-12-dev_", StringComparison.Ordinal));
        Assert.All(packages, line =>
        {
            string[] parts = line.Split("  ");
            byte[] bytes = File.ReadAllBytes(_copy.At($"artifacts/debs/armhf/archives/{parts[1]}"));
            Assert.Equal(parts[0], Convert.ToHexStringLower(SHA256.HashData(bytes)));
        });
    }

    [ScriptFact]
    public async Task AWholeSysrootIsNotMadeAgain()
    {
        await MakeAsync();
        DateTime made = File.GetLastWriteTimeUtc(Manifest);
        await MakeAsync();

        Assert.Equal(made, File.GetLastWriteTimeUtc(Manifest));
    }

    [ScriptFact]
    public async Task ADamagedSysrootIsMadeAgain()
    {
        await MakeAsync();
        string library = Path.Combine(Sysroot, "usr/lib/libc.a");
        byte[] whole = File.ReadAllBytes(library);
        byte[] damaged = [.. whole];
        damaged[whole.Length / 2] ^= 1;
        File.WriteAllBytes(library, damaged);
        File.Delete(Path.Combine(Sysroot, "usr/lib/gcc/arm-linux-gnueabi"));

        await MakeAsync();

        Assert.Equal(whole, File.ReadAllBytes(library));
        Assert.NotNull(new FileInfo(Path.Combine(Sysroot, "usr/lib/gcc/arm-linux-gnueabi")).LinkTarget);
    }

    [ScriptFact]
    public async Task AHalfMadeSysrootIsNotUsed()
    {
        foreach (string name in (string[])[Sysroot, $"{Sysroot}.new"]) // as a power cut may leave them
        {
            Directory.CreateDirectory(Path.Combine(name, "usr/lib"));
            File.WriteAllText(Path.Combine(name, "usr/lib/left-over.a"), "!<arch>\n");
        }

        await MakeAsync();

        Assert.False(File.Exists(Path.Combine(Sysroot, "usr/lib/left-over.a")));
        Assert.True(File.Exists(Path.Combine(Sysroot, "usr/lib/libc.a")));
        Assert.False(Directory.Exists($"{Sysroot}.new"));
    }

    [ScriptFact]
    public async Task ASysrootOfOtherScriptsIsMadeAgain()
    {
        await MakeAsync();
        string recipe = File.ReadLines(Manifest).First();
        File.AppendAllText(_copy.At($"toolchain/targets/{Target}.props"), "<!-- changed -->\n");

        await MakeAsync();

        Assert.NotEqual(recipe, File.ReadLines(Manifest).First());
    }

    [ScriptFact]
    public async Task ADamagedPackageIsDownloadedAgain()
    {
        await MakeAsync();
        string package = Directory.GetFiles(_copy.At("artifacts/debs/armhf/archives"), "musl-dev_*.deb").Single();
        byte[] whole = File.ReadAllBytes(package);
        File.WriteAllBytes(package, whole[..^100]);

        (await _copy.RunAsync("scripts/debs", "--arch", "armhf", "musl-dev")).OrSkip().Succeeded();

        Assert.Equal(whole, File.ReadAllBytes(package));
    }

    [ScriptTheory]
    [InlineData("scripts/sysroot --target linux-mips", "unknown target 'linux-mips'; targets: linux-musl-arm")]
    [InlineData("scripts/sysroot --target ../targets/linux-musl-arm", "unknown target '../targets/linux-musl-arm'")]
    [InlineData("scripts/sysroot", "unknown target ''")]
    [InlineData("scripts/debs --arch armhff libc6", "has no architecture 'armhff'; it has: all amd64")]
    [InlineData("scripts/debs --arch armhf", "no package named")]
    [InlineData("scripts/debs libc6", "--arch is missing")]
    public async Task WrongUsageIsNamed(string command, string complaint)
    {
        Ended ended = await _copy.RunAsync(command.Split(' '));

        Assert.Contains(complaint, ended.OrSkip().Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.ExitCode);
        Assert.Equal(1, ended.Error.Count(c => c == '\n'));
    }

    [ScriptFact]
    public async Task APackageThatDoesNotExistIsNamed()
    {
        Ended ended = await _copy.RunAsync("scripts/debs", "--arch", "armhf", "musl-dev", "no-such-package");

        Assert.Equal(4, ended.ExitCode);
        Assert.Contains("no-such-package", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Output);
    }

    [ScriptFact]
    public async Task AMirrorThatDoesNotAnswerIsNotAPackageThatIsMissing()
    {
        File.Delete(_copy.At("artifacts/debs")); // the link, or there would be nothing to ask
        string mirror = _copy.At("mirror.list"), settings = _copy.At("apt.conf");
        File.WriteAllText(mirror, "deb http://127.0.0.1:1/debian bookworm main\n");
        File.WriteAllText(settings, $"""
            Dir::Etc::sourcelist "{mirror}";
            Dir::Etc::sourceparts "/dev/null";
            Acquire::Retries "0";

            """);

        Ended ended = await _copy.RunWithAsync(new() { ["APT_CONFIG"] = settings }, "scripts/sysroot", "--target", Target);

        Assert.Equal(6, ended.ExitCode);
        Assert.Contains("the mirror http://127.0.0.1:1/debian cannot be reached: ", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Sysroot));
    }

    private async Task MakeAsync()
    {
        string output = (await _copy.RunAsync("scripts/sysroot", "--target", Target)).OrSkip().Succeeded();
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"artifacts/sysroots/{Target}\n"), output);
    }
}
