using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
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
    /// <summary>Whether the front starts the backend itself; else it finds the socket of one that runs.</summary>
    public bool LaunchesBackend { get; init; }

    /// <summary>Where the backend listens on 127.0.0.1; null for its socket.</summary>
    public int? BackendPort { get; init; }

    /// <summary>Whether a request reaches the backend before its body has come whole.</summary>
    public bool StreamsRequests { get; init; } = true;

    /// <summary>Whether a client that leaves after its whole request is noticed by the backend; at HAProxy it is not (case 60).</summary>
    public bool TellsOfLeavingLate { get; init; } = true;

    /// <summary>A body that is too large for the backend: also for what it discards of one, 512 KiB (case 71).</summary>
    public int RefusedBodyBytes { get; init; } = 5_000_000;

    /// <summary>The largest body that it takes without an announced length; of a larger one it says <see cref="ChunkedRefusal"/>.</summary>
    public int MostChunkedBytes { get; init; } = int.MaxValue;

    /// <summary>What a client gets whose body without an announced length is too large for the front.</summary>
    public HttpStatusCode ChunkedRefusal { get; init; } = HttpStatusCode.LengthRequired;

    /// <summary>
    /// Whether requests of several clients share a connection. FastCGI has no flow control: where one client does not read, the others'
    /// answers wait behind its own. And HAProxy 2.6.12 answers some itself, with an error page, while many bodies are under way.
    /// </summary>
    public bool Multiplexes { get; init; }
}

/// <summary>A web server on a free port of 127.0.0.1 and the backend it passes requests on to.</summary>
public sealed class Front : IAsyncDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly bool _launches;
    private Process? _process;
    private Backend? _backend;

    private Front(bool launches)
    {
        _launches = launches;
        Port = FreePort.Next();
        _folder.Link("responder", Machine.Responder);
    }

    public int Port { get; }

    /// <summary>The web server itself.</summary>
    public int Pid => _process!.Id;

    /// <summary>The backend's process now.</summary>
    public int BackendPid =>
        _backend?.Pid ?? (KernelView.ChildrenOf(Pid) is [int only] ? only : throw new XunitException($"not one backend:\n{Log}"));

    /// <summary>What front and backend have written so far.</summary>
    public string Log => $"{ReadIfThere("front.log")}--- backend\n{ReadIfThere("backend.log")}";

    /// <summary>Starts a backend and the front, and waits until the one answers through the other.</summary>
    /// <param name="setup">Which front.</param>
    /// <param name="environment">Settings of the responder's.</param>
    /// <param name="files">Further files of its folder, and what they hold.</param>
    public static async Task<Front> StartAsync(
        FrontSetup setup, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string> files)
    {
        var front = new Front(setup.LaunchesBackend);
        try
        {
            foreach ((string name, string content) in files)
                await front._folder.WriteAsync(name, content);
            if (!setup.LaunchesBackend)
                front._backend = await Backend.StartAsync(front._folder, environment, setup.BackendPort);
            await front.StartAsync(setup, environment);
            return front;
        }
        catch
        {
            await front.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client without proxy, with connections of its own.</summary>
    /// <param name="asksAgain">Whether it makes a request again that the front has answered with an error page of its own.</param>
    public HttpClient NewClient(bool asksAgain = false) => new(Handler(asksAgain))
    {
        BaseAddress = new Uri($"http://127.0.0.1:{Port}/"),
        Timeout = Eventually.Deadline,
    };

    /// <summary>Lets go of handlers that wait for this file.</summary>
    public void Release(string file) => File.WriteAllText(_folder.At(file), "");

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
        if (_backend is not null)
            await _backend.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAsync(FrontSetup setup, IReadOnlyDictionary<string, string> environment)
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
        NativeProgram.CleanEnvironment(start, _launches ? environment : new Dictionary<string, string>());
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

    private static HttpMessageHandler Handler(bool asksAgain)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        return asksAgain ? new AskingAgain(handler) : handler;
    }

    private string ReadIfThere(string name) => File.Exists(_folder.At(name)) ? File.ReadAllText(_folder.At(name)) : "";
}

/// <summary>Makes a request again as long as the answer is an error page, which the backend never sends.</summary>
internal sealed class AskingAgain(HttpMessageHandler handler) : DelegatingHandler(handler)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        while (response.StatusCode == HttpStatusCode.InternalServerError && response.Content.Headers.ContentType?.MediaType == "text/html")
        {
            response.Dispose();
            response = await base.SendAsync(request, cancellationToken);
        }
        return response;
    }
}
