using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit.Sdk;

namespace Integration.Tests.Fronts;

/// <summary>A web server and how it is set up, apart from where it listens.</summary>
/// <param name="Command">The program.</param>
/// <param name="Arguments">What starts it in the foreground with <paramref name="Configuration"/>, which is in front.conf.</param>
/// <param name="Configuration">Its configuration, given its port.</param>
public sealed record FrontSetup(string Command, string Arguments, Func<int, string> Configuration)
{
    /// <summary>Whether a request reaches the backend before its body has come whole.</summary>
    public bool StreamsRequests { get; init; } = true;

    /// <summary>Whether a client that leaves after its whole request is noticed by the backend; at HAProxy it is not (case 60).</summary>
    public bool TellsOfLeavingLate { get; init; } = true;

    /// <summary>
    /// A body that is too large, and yet of a size that the answer gets through: a front that writes all of it before it reads
    /// meets the bound of discarding it, 512 KiB (case 71).
    /// </summary>
    public int RefusedBodyBytes { get; init; } = 400_000;

    /// <summary>The smallest and the largest body that it takes without an announced length.</summary>
    public int LeastChunkedBytes { get; init; }

    public int MostChunkedBytes { get; init; } = int.MaxValue;
}

/// <summary>A web server on a free port of 127.0.0.1 that passes everything on to a backend it has not launched.</summary>
public sealed class Front : IAsyncDisposable
{
    private readonly WorkFolder _folder = new();
    private Process? _process;

    private Front() => Port = FreePort.Next();

    public int Port { get; }

    public Backend Backend { get; private set; } = null!;

    /// <summary>What front and backend have written so far.</summary>
    public string Log => $"{ReadIfThere("front.log")}--- backend\n{ReadIfThere("backend.log")}";

    /// <summary>Starts a backend and the front, and waits until the one answers through the other.</summary>
    public static async Task<Front> StartAsync(FrontSetup setup, IReadOnlyDictionary<string, string> environment)
    {
        var front = new Front();
        try
        {
            front.Backend = await Backend.StartAsync(front._folder, environment);
            await front.StartAsync(setup);
            return front;
        }
        catch
        {
            await front.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client without proxy, with connections of its own.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{Port}/"),
        Timeout = Eventually.Deadline,
    };

    /// <summary>Waits until one of the responder's counters has reached a value.</summary>
    public Task CounterReachesAsync(string name, long value) => Eventually.TrueAsync($"{name} reaches {value}", async () =>
    {
        using HttpClient client = NewClient();
        using JsonDocument counters = JsonDocument.Parse(await client.GetStringAsync("api/counters"));
        return counters.RootElement.GetProperty(name).GetInt64() >= value;
    });

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Signals.Send(-_process.Id, Signals.Kill);
            await _process.WaitForExitAsync();
            LeftOver.Forget(-_process.Id);
            _process.Dispose();
        }
        if (Backend is not null)
            await Backend.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAsync(FrontSetup setup)
    {
        await File.WriteAllTextAsync(_folder.At("front.conf"), setup.Configuration(Port));
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = _folder.FullPath,
            ArgumentList =
            {
                "-c", $"exec setsid \"$0\" {setup.Arguments} >>front.log 2>&1 </dev/null",
                Machine.Find(setup.Command) ?? throw new XunitException($"{setup.Command} is not installed"),
            },
        };
        _process = Process.Start(start)!;
        LeftOver.Note(-_process.Id);
        await Eventually.TrueAsync($"an answer through {setup.Command}", AnswersAsync);
    }

    private async Task<bool> AnswersAsync()
    {
        if (_process!.HasExited)
            throw new XunitException($"the front has ended with {_process.ExitCode}:\n{Log}");
        using HttpClient client = NewClient();
        try
        {
            using HttpResponseMessage response = await client.GetAsync("api/health");
            return response.StatusCode == HttpStatusCode.OK ? true : throw new XunitException($"{response}\n{Log}");
        }
        catch (HttpRequestException)
        {
            return false; // does not listen yet
        }
    }

    private string ReadIfThere(string name) => File.Exists(_folder.At(name)) ? File.ReadAllText(_folder.At(name)) : "";
}
