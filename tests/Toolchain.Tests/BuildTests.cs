using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Toolchain.Tests;

/// <summary>scripts/build for every target, as far as the packages of this machine's source go.</summary>
public class BuildTests(ITestOutputHelper output)
{
    private const string Musl = "artifacts/linux-musl-x64-test-only";

    public static TheoryData<string> Targets => [.. Clone.Targets];

    /// <summary>Skipped where packages of .NET for the target are missing, with their names as the reason.</summary>
    [ScriptTheory]
    [MemberData(nameof(Targets))]
    public async Task TheTargetIsBuiltOrWhatItNeedsIsNamed(string target)
    {
        Ended ended = await Binary.BuildAsync(target);
        output.WriteLine(ended.Output);

        if (ended.ExitCode == 4)
        {
            Assert.Contains($"runtime.{target}.Microsoft.DotNet.ILCompiler", ended.Error, StringComparison.Ordinal);
            Assert.Equal(1, ended.Error.Count(c => c == '\n'));
        }
        ended.OrSkip().Succeeded();

        foreach (string suffix in (string[])["", ".dbg", ".size"])
            Assert.True(File.Exists(Clone.Here.At($"artifacts/{target}/appliance{suffix}")), $"appliance{suffix}");
        byte[] binary = await File.ReadAllBytesAsync(Clone.Here.At($"artifacts/{target}/appliance"));
        Assert.Equal(await Binary.MachineOfAsync(target), Binary.Machine(binary));
    }

    [ScriptTheory]
    [InlineData("--target linux-mips", "unknown target 'linux-mips'; targets: linux-arm linux-arm64 linux-musl-arm ")]
    [InlineData("--target linux-arm64 --test-only-glibc-pack", "is for --target linux-musl-x64, not 'linux-arm64'")]
    public async Task WrongUsageIsNamed(string arguments, string complaint)
    {
        Ended ended = await Clone.Here.RunAsync(["scripts/build", .. arguments.Split(' ')]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(complaint, ended.Error, StringComparison.Ordinal);
    }

    [ScriptFact]
    public async Task APackageSourceThatDoesNotAnswerIsNotAPackageThatIsMissing()
    {
        // A copy, as the clone has the packages already.
        var copy = new Clone(Clone.Here.At($"artifacts/toolchain-tests/{Environment.ProcessId}-build"));
        Directory.CreateDirectory(copy.At("home/.nuget/NuGet"));
        try
        {
            const string Copying = "cp -R .editorconfig Appliance.sln Directory.Build.props Directory.Packages.props global.json scripts src toolchain \"$1\"";
            (await Clone.Here.RunAsync("sh", "-c", Copying, "sh", copy.Root)).Succeeded();
            File.WriteAllText(copy.At("home/.nuget/NuGet/NuGet.Config"), """
                <configuration>
                  <packageSources><clear /><add key="own" value="https://127.0.0.1:1/index.json" /></packageSources>
                </configuration>
                """);

            Ended ended = await copy.RunWithAsync(new() { ["HOME"] = copy.At("home") }, "scripts/build", "--restore");

            Assert.Equal(6, ended.ExitCode);
            Assert.Contains("a package source cannot be reached: ", ended.Error, StringComparison.Ordinal);
            Assert.Contains("https://127.0.0.1:1/index.json", ended.Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(copy.Root, recursive: true);
        }
    }

    /// <summary>
    /// The way of a musl binary, tried with the runtime libraries for glibc: nothing of it goes onto a device, but all of the
    /// integration tests have to hold with it.
    /// </summary>
    [ScriptFact]
    public async Task MuslBinariesPassTheIntegrationTests()
    {
        foreach (string project in (string[])["src/Appliance/Appliance.csproj", "tests/Responder/Responder.csproj"])
        {
            Ended built = await Clone.Here.RunAsync(
                "scripts/build", "--target", "linux-musl-x64", "--test-only-glibc-pack", "--project", project);
            output.WriteLine(built.OrSkip().Succeeded());
        }

        Ended tested = await Clone.Here.RunWithAsync(
            new() { ["TEST_BINARIES"] = Musl },
            "dotnet", "test", "tests/Integration.Tests", "--configuration", "Release", "--no-build", "--nologo");
        output.WriteLine(tested.Output);

        Assert.Equal(0, tested.ExitCode);
        Assert.Contains("Passed!", tested.Output, StringComparison.Ordinal);
    }
}
