using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Benchmarks;

/// <summary>
/// The compiled peers, and how programs are run. All paths are relative to the clone's root, which is the working
/// directory: a Unix socket's path must stay below 108 bytes wherever the clone lies.
/// </summary>
internal static class Tools
{
    public const string Folder = "artifacts/bench";

    private static readonly string[] Compiled = ["limit", "libfcgi", "gofcgi", "load", "listen", "first", "idle", "stream", "plain"];

    public static string Path(string tool) => Folder + "/" + tool;

    public static void DemandCompiledPeers()
    {
        string? missing = Compiled.FirstOrDefault(tool => !File.Exists(Path(tool)));
        if (missing is not null)
            throw new BenchException($"{Path(missing)} does not exist; scripts/bench compiles it and starts this program");
    }

    /// <summary>Two runs in one clone would take each other's sockets, and both would measure the other.</summary>
    public static FileStream LockFolder()
    {
        try
        {
            return new FileStream(Path("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem)
        {
            throw new BenchException($"cannot lock {Path("lock")}, is another run under way? {problem.Message}");
        }
    }

    /// <summary>Starts a program that will be measured; fd 0 and the log are arranged by peers/listen.c.</summary>
    public static Process Launch(
        string socket, string log, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        var start = new ProcessStartInfo(Path("listen"), [socket, log, .. command]);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Begin(start);
    }

    /// <summary>Starts a client that is spoken to while it runs.</summary>
    public static Process Converse(string program, params string[] arguments) =>
        Begin(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true });

    /// <summary>Runs a program to its end and returns what it wrote to stdout.</summary>
    public static string Output(string program, params string[] arguments)
    {
        using Process process = Begin(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new BenchException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    /// <summary>
    /// Called on the main thread only: the children ask the kernel to die with the *thread* that started them.
    /// </summary>
    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception problem)
        {
            throw new BenchException($"cannot start {start.FileName}: {problem.Message}");
        }
    }
}
