using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit.Sdk;

namespace Toolchain.Tests;

/// <summary>What a command left behind.</summary>
public sealed record Ended(int ExitCode, string Output, string Error)
{
    /// <summary>
    /// Skips the test where the exit code is the scripts' own for a missing tool or package, or a source of packages that does not
    /// answer; scripts/test knows the first and the last by these words.
    /// </summary>
    public Ended OrSkip() => ExitCode switch
    {
        3 => throw SkipException.ForSkip($"not installed: {Error.Trim()}"),
        4 => throw SkipException.ForSkip(Error.Trim()),
        6 => throw SkipException.ForSkip($"cannot be reached: {Error.Trim()}"),
        _ => this,
    };

    /// <summary>The output of a command that must have succeeded.</summary>
    public string Succeeded() =>
        ExitCode == 0 ? Output : throw new XunitException($"exit code {ExitCode}:\n{Output}\n{Error}");
}

/// <summary>A folder with the repository's scripts in it.</summary>
/// <param name="Root">The folder.</param>
public sealed record Clone(string Root)
{
    // Publishing natively, several times over, on a machine that is busy with other things.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>The clone that these tests belong to.</summary>
    public static Clone Here { get; } = new(typeof(Clone).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Root").Value!);

    /// <summary>The names of all targets.</summary>
    public static IEnumerable<string> Targets =>
        Directory.GetFiles(Here.At("toolchain/targets"), "*.props").Select(file => Path.GetFileNameWithoutExtension(file)).Order();

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>Runs a script, or a command from PATH, in the clone to its end.</summary>
    public Task<Ended> RunAsync(params string[] command) => RunWithAsync([], command);

    /// <summary>The same, with additions to the environment.</summary>
    public async Task<Ended> RunWithAsync(Dictionary<string, string> environment, params string[] command)
    {
        string program = command[0].Contains('/', StringComparison.Ordinal) ? At(command[0]) : command[0];
        var start = new ProcessStartInfo(program, command.Skip(1)) { WorkingDirectory = Root };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        await using var running = new RunningProgram(start);
        Task<string> output = running.Output.ReadToEndAsync();
        Task<string> error = running.Error.ReadToEndAsync();
        return new Ended(await running.ExitCodeAsync(Deadline), await output, await error);
    }
}
