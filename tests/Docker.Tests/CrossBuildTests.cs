using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System.Xml.Linq;
using Toolchain.Tests;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Docker.Tests;

/// <summary>Dockerfile.cross, built by a real engine.</summary>
public sealed class CrossBuildTests(DockerEngine engine, ITestOutputHelper output) : IClassFixture<DockerEngine>
{
    private const string Target = "linux-x64";
    private static readonly string[] Results = ["appliance", "appliance.dbg", "appliance.size"];
    private static readonly Clone Clone = Clone.Here;
    private static CrossBuild? _first;

    [ScriptFact]
    public async Task WhatIsLeftIsTheBinaryItsSymbolsAndItsSize()
    {
        CrossBuild built = await FirstAsync();

        Assert.Equal(Results, Directory.GetFiles(built.Folder).Select(Path.GetFileName).Order());
        string version = (await Clone.RunAsync($"{built.Folder}/appliance", "--version")).Succeeded();
        Assert.StartsWith("appliance ", version, StringComparison.Ordinal);
        string sizes = Encoding.UTF8.GetString(built.Read("appliance.size"));
        Assert.StartsWith($"{built.Read("appliance").Length} bytes", sizes, StringComparison.Ordinal);
    }

    [ScriptFact]
    public async Task ABuildFromNothingMakesTheSameBytes()
    {
        CrossBuild built = await FirstAsync();
        CrossBuild again = await BuildAsync(Clone.Root, Target, "again", "--no-cache");

        again.Ended.Succeeded();
        Assert.All(Results, file => Assert.Equal(built.Read(file), again.Read(file)));
    }

    [ScriptFact]
    public async Task ABareMachineMakesTheSameBytes()
    {
        CrossBuild built = await FirstAsync();
        string compiler = (await Clone.RunAsync("clang", "--version")).Succeeded().Split('\n')[0];
        if (!compiler.StartsWith("Debian clang version 14.", StringComparison.Ordinal))
            throw SkipException.ForSkip($"this machine's compiler is not the one of Debian 12: {compiler}");
        (await Clone.RunAsync("scripts/build", "--target", Target)).OrSkip().Succeeded();

        Assert.All(Results, file => Assert.Equal(File.ReadAllBytes(Clone.At($"artifacts/{Target}/{file}")), built.Read(file)));
    }

    [ScriptFact]
    public async Task AChangedSourceCostsNothingButThePublish()
    {
        await FirstAsync();
        string copy = Clone.At("artifacts/docker/context");
        const string Copying = "rm -rf \"$1\" && mkdir -p \"$1\" && cp -R .dockerignore .editorconfig Appliance.sln Directory.Build.props "
            + "Directory.Packages.props Dockerfile.cross global.json scripts src toolchain \"$1\"";
        (await Clone.RunAsync("sh", "-c", Copying, "sh", copy)).Succeeded();
        File.AppendAllText(Path.Combine(copy, "src/Appliance/Program.cs"), "// changed\n");
        File.AppendAllText(Path.Combine(copy, "toolchain/package/debian/README.Debian"), "changed\n"); // the publish reads none of it

        var clock = Stopwatch.StartNew();
        CrossBuild built = await BuildAsync(copy, Target, "changed");

        // scripts/test prints lines that begin so.
        output.WriteLine($"figures: Dockerfile.cross after a change in src/: {clock.Elapsed.TotalSeconds:F0} s, with the publish of {Target}");
        built.Ended.Succeeded();
        string[] run = [.. built.InstructionsRun];
        Assert.Equal(3, run.Length);
        Assert.Equal("COPY src src", run[0]);
        Assert.EndsWith("scripts/build --target \"linux-x64\"", run[1], StringComparison.Ordinal);
        Assert.StartsWith("COPY --from=publish", run[2], StringComparison.Ordinal);
    }

    [ScriptFact]
    public async Task TheBinaryPassesTheIntegrationTests()
    {
        CrossBuild built = await FirstAsync();
        string binaries = Clone.At("artifacts/docker/binaries");
        if (Directory.Exists(binaries))
            Directory.Delete(binaries, recursive: true);
        Directory.CreateDirectory(binaries);
        foreach (string file in Results)
            File.Copy(Path.Combine(built.Folder, file), Path.Combine(binaries, file), overwrite: true);
        File.Copy(Clone.At($"artifacts/{Target}/responder"), Path.Combine(binaries, "responder"), overwrite: true);

        // But those of the engine behind each front, which start the responder alone, and the second and third front of others.
        Ended tested = await Clone.RunWithAsync(
            new() { ["TEST_BINARIES"] = binaries },
            "dotnet", "test", "tests/Integration.Tests", "--configuration", "Release", "--no-build", "--nologo", "--filter",
            string.Join('&', ((string[])["Soak", "Fronts", "FrontTests", "InitSystems", "Nginx", "HaProxy"]).Select(name => $"FullyQualifiedName!~{name}")));
        output.WriteLine(tested.Output);

        Assert.Equal(0, tested.ExitCode);
        Assert.Contains("Passed!", tested.Output, StringComparison.Ordinal);
    }

    [ScriptFact]
    public async Task NothingOfThisMachineIsInTheBinary()
    {
        CrossBuild built = await FirstAsync();
        string sources = CrossBuild.PackageSources() ?? throw SkipException.ForSkip("this machine has no package source of its own");
        string[] hosts = [.. XDocument.Load(sources).Descendants("packageSources").Elements("add")
            .Select(source => (string?)source.Attribute("value"))
            .Where(source => Uri.IsWellFormedUriString(source, UriKind.Absolute)).Select(source => new Uri(source!).Host)];

        foreach (string mark in (string[])[.. hosts, Clone.Root, "/appliance/src"])
            Assert.Equal(-1, built.Read("appliance").AsSpan().IndexOf(Encoding.UTF8.GetBytes(mark)));
    }

    [ScriptFact]
    public async Task AnotherTargetIsBuiltForItsProcessor()
    {
        string target = await FirstTargetAsync(canBeBuilt: true);
        CrossBuild built = await BuildAsync(Clone.Root, target, target);

        built.Ended.Succeeded();
        Assert.Equal(Results, Directory.GetFiles(built.Folder).Select(Path.GetFileName).Order());
        Assert.Equal(await Binary.MachineOfAsync(target), Binary.Machine(built.Read("appliance")));
    }

    [ScriptFact]
    public async Task ATargetThatCannotBeBuiltIsExplained()
    {
        string target = await FirstTargetAsync(canBeBuilt: false);
        await AssertRefusedAsync(target, $"{target} cannot be published: ");
    }

    [ScriptFact]
    public async Task AnUnknownTargetIsExplained() =>
        await AssertRefusedAsync("linux-mips", "unknown target 'linux-mips'; targets: linux-arm ");

    private async Task AssertRefusedAsync(string target, string complaint)
    {
        CrossBuild built = await BuildAsync(Clone.Root, target, "none");

        Assert.NotEqual(0, built.Ended.ExitCode);
        Assert.Contains(complaint, built.Ended.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(built.Folder, "appliance")));
    }

    /// <summary>The first of the other targets for which this machine's package source has everything, or has not.</summary>
    private static async Task<string> FirstTargetAsync(bool canBeBuilt)
    {
        foreach (string target in Clone.Targets.Except([Target]))
        {
            Ended ended = await Clone.RunAsync("scripts/build", "--target", target, "--restore");
            if (ended.ExitCode == (canBeBuilt ? 0 : 4))
                return target;
        }
        throw SkipException.ForSkip($"{(canBeBuilt ? "no other" : "every")} target can be built here");
    }

    private async Task<CrossBuild> FirstAsync()
    {
        _first ??= await BuildAsync(Clone.Root, Target, Target);
        _first.Ended.Succeeded();
        return _first;
    }

    private async Task<CrossBuild> BuildAsync(string context, string target, string folder, params string[] options)
    {
        CrossBuild built = await CrossBuild.RunAsync(engine, context, target, folder, options);
        output.WriteLine(built.Ended.Error);
        return built;
    }
}
