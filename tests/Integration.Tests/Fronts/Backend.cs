using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit.Sdk;

namespace Integration.Tests.Fronts;

/// <summary>
/// The responder on a Unix socket of its own, which spawn-fcgi has made for it: whatever is in front has not launched it. Works
/// with names relative to the folder, as a Unix socket's path has at most 107 bytes.
/// </summary>
public sealed class Backend : IAsyncDisposable
{
    public const string Socket = "./backend.socket";

    /// <summary>The program, as a front that launches it itself names it.</summary>
    public const string Command = "./responder";

    private readonly WorkFolder _folder;
    private readonly Process _process;

    private Backend(WorkFolder folder, Process process)
    {
        _folder = folder;
        _process = process;
        LeftOver.Note(-process.Id);
    }

    /// <summary>spawn-fcgi -n becomes the backend.</summary>
    public int Pid => _process.Id;

    /// <summary>What the backend has written to standard error so far.</summary>
    public string Log => File.ReadAllText(_folder.At("backend.log"));

    /// <param name="folder">Where its socket, its log and its release files are.</param>
    /// <param name="environment">Settings of the responder's.</param>
    /// <param name="port">Where it listens on 127.0.0.1; null for its socket.</param>
    /// <param name="supervised">Whether it is started again when it has ended: the process is a shell then, and the backend its child.</param>
    public static async Task<Backend> StartAsync(
        WorkFolder folder, IReadOnlyDictionary<string, string> environment, int? port = null, bool supervised = false)
    {
        string command = supervised ? $"/bin/sh -c 'while :; do {Command}; done'" : Command;
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = folder.FullPath,
            ArgumentList =
            {
                "-c", $"exec setsid \"$0\" -n {(port is null ? $"-s {Socket} -M 0600" : $"-a 127.0.0.1 -p {port}")} -- {command} >>backend.log 2>&1 </dev/null",
                Machine.Find("spawn-fcgi") ?? throw new XunitException("spawn-fcgi is not installed"),
            },
        };
        NativeProgram.CleanEnvironment(start, environment);
        var backend = new Backend(folder, Process.Start(start)!);
        try
        {
            await Eventually.TrueAsync("the backend listens", () => backend._process.HasExited
                ? throw new XunitException($"the backend has ended with {backend._process.ExitCode}:\n{backend.Log}")
                : File.Exists(folder.At("backend.log")) && backend.Log.Contains("serving on", StringComparison.Ordinal));
            return backend;
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Signals.Send(-Pid, Signals.Kill);
        await _process.WaitForExitAsync();
        LeftOver.Forget(-Pid);
        _process.Dispose();
    }
}
