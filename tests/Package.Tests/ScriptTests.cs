using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Toolchain.Tests;
using Xunit;
using Xunit.Sdk;

namespace Package.Tests;

/// <summary>What scripts/package says to what it cannot do.</summary>
public sealed class ScriptTests
{
    [Theory]
    [InlineData("package: unknown target 'linux-mips'; targets: linux-arm ", "--target", "linux-mips")]
    [InlineData("package: invalid version '1:2'", "--version", "1:2")]
    [InlineData("package: invalid version 'v2'", "--version", "v2")]
    [InlineData("package: invalid architecture of OpenWrt 'a b'", "--openwrt-arch", "a b")]
    [InlineData("package: unknown argument '--fast'", "--fast")]
    public async Task WrongUsageIsNamed(string complaint, params string[] arguments)
    {
        Ended ended = await Clone.Here.RunAsync(["scripts/package", .. arguments]);

        Assert.Equal(2, ended.ExitCode);
        Assert.StartsWith(complaint, ended.Error, StringComparison.Ordinal);
    }

    [ScriptFact]
    public async Task ATargetThatCannotBeBuiltHasNoPackagesAndTheReason()
    {
        foreach (string target in Clone.Targets.Except([MadePackages.Target]))
        {
            Ended ended = await Clone.Here.RunAsync("scripts/package", "--target", target);
            if (ended.ExitCode == 0)
                continue;

            Assert.Equal(4, ended.ExitCode);
            Assert.StartsWith($"build: {target} cannot be published: ", ended.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Clone.Here.At($"artifacts/{target}/packages")));
            return;
        }
        throw SkipException.ForSkip("every target can be built here");
    }

    [ScriptFact]
    public async Task TwoRunsMakeTheSameBytes()
    {
        MadePackages made = await MadePackages.GetAsync();
        string first = await File.ReadAllTextAsync(made.Checksums);

        MadePackages again = await MadePackages.MakeAsync();

        Assert.Equal(first, await File.ReadAllTextAsync(again.Checksums));
    }

    [ScriptFact]
    public async Task VersionAndArchitectureAreWhatWasAskedFor()
    {
        MadePackages made = await MadePackages.GetAsync();
        try
        {
            (await Clone.Here.RunAsync(
                "scripts/package", "--target", MadePackages.Target, "--version", "2.0~rc1", "--openwrt-arch", "aarch64_cortex-a53")).Succeeded();

            Assert.EndsWith("/appliance_2.0~rc1_aarch64_cortex-a53.ipk", made.Ipk, StringComparison.Ordinal);
            string[] control = await MadePackages.LinesAsync("tar -xzOf \"$1\" ./control.tar.gz | tar -xzO ./control", made.Ipk);
            Assert.Contains("Version: 2.0~rc1", control);
            Assert.Contains("Architecture: aarch64_cortex-a53", control);
            Assert.Equal("2.0~rc1\n", await MadePackages.ShellAsync("dpkg-deb -f \"$1\" Version", made.Deb));
            Assert.Contains("\"version\": \"2.0~rc1\"", await File.ReadAllTextAsync(made.Sbom), StringComparison.Ordinal);
        }
        finally
        {
            await MadePackages.MakeAsync();
        }
    }

    [ScriptFact]
    public async Task ChecksumsAreThoseOfEveryOtherFile()
    {
        MadePackages made = await MadePackages.GetAsync();

        string[] checkedFiles = await MadePackages.LinesAsync("cd \"$1\" && LC_ALL=C sha256sum --check --strict SHA256SUMS", made.Folder);

        Assert.Equal(
            Directory.GetFiles(made.Folder).Select(Path.GetFileName).Where(name => name != "SHA256SUMS").Order(StringComparer.Ordinal),
            checkedFiles.Select(line => line.Replace(": OK", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}
