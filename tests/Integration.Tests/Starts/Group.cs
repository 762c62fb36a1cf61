using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit.Sdk;

namespace Integration.Tests.Starts;

/// <summary>A shell command and all it starts, as a process group of its own in a folder, with one log. Killed in the end.</summary>
public sealed class Group : IAsyncDisposable
{
    private readonly WorkFolder _folder;
    private readonly Process _process;

    /// <param name="folder">Where it runs, and writes to the file log.</param>
    /// <param name="script">For /bin/sh; to be one process with its last command, that has to begin with exec.</param>
    /// <param name="environment">What it finds in its environment beside what every test has.</param>
    public Group(WorkFolder folder, string script, IReadOnlyDictionary<string, string>? environment = null)
    {
        _folder = folder;
        File.WriteAllText(folder.At("start"), script);
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = folder.FullPath,
            ArgumentList = { "-c", "exec setsid sh ./start >>log 2>&1 </dev/null" },
        };
        NativeProgram.CleanEnvironment(start, environment ?? new Dictionary<string, string>());
        _process = Process.Start(start)!;
        LeftOver.Note(-Pid);
    }

    public int Pid => _process.Id;

    /// <summary>What all of them have written so far.</summary>
    public string Log => File.Exists(_folder.At("log")) ? File.ReadAllText(_folder.At("log")) : "";

    /// <summary>A client with a connection for each request: BusyBox closes without saying so, maybe while the next one is on its way.</summary>
    public static HttpClient NewClient(int port) =>
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}/"),
            Timeout = Eventually.Deadline,
        };

    /// <summary>Waits for a line, or for something else it brings about.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> condition) => Eventually.TrueAsync(what, () => _process.HasExited
        ? throw new XunitException($"ended with {_process.ExitCode} before: {what}\n{Log}")
        : condition());

    public Task UntilItSaysAsync(string text) =>
        UntilAsync($"the log has \"{text}\"", () => Task.FromResult(Log.Contains(text, StringComparison.Ordinal)));

    /// <summary>Waits until a web server of the group answers with success.</summary>
    public Task UntilItAnswersAsync(int port, string path) => UntilAsync($"an answer at {path}", async () =>
    {
        using HttpClient client = NewClient(port);
        try
        {
            using HttpResponseMessage response = await client.GetAsync(path);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // does not listen yet
        }
    });

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Signals.Send(-Pid, Signals.Kill);
        await _process.WaitForExitAsync();
        LeftOver.Forget(-Pid);
        _process.Dispose();
    }
}
