using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Toolchain.Tests;

namespace Docker.Tests;

/// <summary>One run of docker build with Dockerfile.cross.</summary>
/// <param name="Ended">How it ended, its progress in Error.</param>
/// <param name="Folder">What it left.</param>
internal sealed partial record CrossBuild(Ended Ended, string Folder)
{
    /// <summary>The Dockerfile's instructions that were run, as opposed to taken from the cache.</summary>
    public IEnumerable<string> InstructionsRun
    {
        get
        {
            string[] lines = Ended.Error.Split('\n');
            string[] cached = [.. lines.Where(line => line.EndsWith(" CACHED", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[0])];
            return lines.Select(line => Instruction().Match(line))
                .Where(match => match.Success && !cached.Contains(match.Groups["step"].Value))
                .Select(match => match.Groups["instruction"].Value)
                .Where(instruction => !instruction.StartsWith("FROM ", StringComparison.Ordinal)) // done, and not cached, when it has no work
                .Distinct();
        }
    }

    /// <summary>Builds from a folder, which is the clone or a copy.</summary>
    public static async Task<CrossBuild> RunAsync(
        DockerEngine engine, string context, string target, string output, params string[] options)
    {
        string folder = Clone.Here.At($"artifacts/docker/{output}");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Ended ended = await engine.RunAsync(
        [
            "build", "--file", Path.Combine(context, "Dockerfile.cross"), "--progress", "plain", "--network", "host",
            "--build-arg", $"TARGET={target}",
            "--build-arg", $"BASE_IMAGE={DockerEngine.BaseImage}", "--build-arg", $"SDK_IMAGE={DockerEngine.SdkImage}",
            .. Secrets(), .. options, "--output", folder, context,
        ]);
        return new CrossBuild(ended, folder);
    }

    public byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    /// <summary>This machine's package source and whom it trusts, which no image may contain.</summary>
    private static IEnumerable<string> Secrets()
    {
        string? sources = PackageSources();
        if (sources is not null)
            yield return $"--secret=id=nuget,src={sources}";
        if (File.Exists("/etc/ssl/certs/ca-certificates.crt"))
            yield return "--secret=id=certificates,src=/etc/ssl/certs/ca-certificates.crt";
    }

    public static string? PackageSources() => ((string[])["NuGet.Config", "nuget.config"])
        .Select(name => $"{Environment.GetEnvironmentVariable("HOME")}/.nuget/NuGet/{name}").FirstOrDefault(File.Exists);

    [GeneratedRegex(@"^(?<step>#\d+) \[\S+ +\d+/\d+\] (?<instruction>(?!FROM ).*)$")]
    private static partial Regex Instruction();
}
