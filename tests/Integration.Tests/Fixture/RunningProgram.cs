using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace Integration.Tests.Fixture;

/// <summary>A program whose standard streams are pipes to here. Killed when the test that started it ends, however it ends.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;

    /// <param name="start">What to start.</param>
    /// <param name="hasInput">Whether <see cref="Input"/> is open; else the program finds its end.</param>
    public RunningProgram(ProcessStartInfo start, bool hasInput = false)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        LeftOver.Note(Pid);
        if (!hasInput)
            _process.StandardInput.Close();
    }

    public int Pid => _process.Id;

    public Stream Input => _process.StandardInput.BaseStream;

    public StreamReader Output => _process.StandardOutput;

    public StreamReader Error => _process.StandardError;

    /// <summary>Its exit code, once it has ended by itself.</summary>
    public Task<int> ExitCodeAsync() => ExitCodeAsync(Eventually.Deadline);

    public async Task<int> ExitCodeAsync(TimeSpan deadline)
    {
        await _process.WaitForExitAsync().WaitAsync(deadline);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        LeftOver.Forget(Pid);
        _process.Dispose();
    }
}
