using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace Integration.Tests.Fixture;

/// <summary>What a program left behind.</summary>
public sealed record Ended(int ExitCode, string Output, string Error);

/// <summary>Our binary on the command line, without a web server.</summary>
public static class NativeProgram
{
    /// <summary>Runs the appliance to its end, with a standard input that is no socket.</summary>
    public static Task<Ended> RunAsync(string folder, params string[] arguments) =>
        RunAsync(folder, new Dictionary<string, string>(), [Machine.Appliance, .. arguments]);

    /// <summary>Runs any command to its end; one that does not end is killed at the deadline.</summary>
    public static async Task<Ended> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> command)
    {
        await using RunningProgram program = Start(folder, environment, command);
        Task<string> output = program.Output.ReadToEndAsync();
        Task<string> error = program.Error.ReadToEndAsync();
        return new Ended(await program.ExitCodeAsync(), await output, await error);
    }

    /// <summary>Starts a command.</summary>
    public static RunningProgram Start(
        string folder, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> command, bool hasInput = false)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = folder };
        CleanEnvironment(start, environment);
        return new RunningProgram(start, hasInput);
    }

    /// <summary>
    /// Takes from the environment what would change our binary: settings, and .NET's own switches, which a test host has and a
    /// device has not.
    /// </summary>
    public static void CleanEnvironment(ProcessStartInfo start, IReadOnlyDictionary<string, string> additions)
    {
        foreach (string name in start.Environment.Keys.ToArray())
        {
            if (name.StartsWith("APPLIANCE_", StringComparison.Ordinal) || name.StartsWith("DOTNET_", StringComparison.Ordinal))
                start.Environment.Remove(name);
        }
        foreach ((string name, string value) in additions)
            start.Environment[name] = value;
    }
}
