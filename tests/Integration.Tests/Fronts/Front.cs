using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit.Sdk;

namespace Integration.Tests.Fronts;

/// <summary>A front, mostly a web server on a free port of 127.0.0.1, and the backend it passes requests on to.</summary>
public sealed class Front : IAsyncDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly FrontSetup _setup;
    private readonly OwnFaults _faults = new();
    private Process? _process;
    private Backend? _backend;

    private Front(FrontSetup setup)
    {
        _setup = setup;
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
        var front = new Front(setup);
        try
        {
            foreach ((string name, string content) in files)
                await front._folder.WriteAsync(name, content);
            if (setup.CgiProgram is string program)
                await front.WriteProgramAsync(program, environment);
            else if (!setup.LaunchesBackend)
                front._backend = await Backend.StartAsync(front._folder, environment, setup.BackendPort, setup.Supervised);
            if (setup.Client is null)
                await front.StartServerAsync(environment);
            await Eventually.TrueAsync($"an answer through {setup.Command}", front.AnswersAsync);
            return front;
        }
        catch
        {
            await front.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client without proxy, with connections of its own.</summary>
    /// <param name="asksAgain">Whether it asks again where the front says that it has failed itself, and says so in its log.</param>
    public HttpClient NewClient(bool asksAgain = false) => NewClient(Handler(), asksAgain && _setup.MarkOfOwnFault is not null);

    /// <summary>A client for whom the kernel keeps hardly anything that it has not read, and that goes away with a reset.</summary>
    public HttpClient NewRoughClient() => NewClient(Handler(ConnectRoughlyAsync), asksAgain: false);

    /// <summary>What clients have asked again because the front had failed.</summary>
    internal OwnFaults Faults => _faults;

    /// <summary>Waits until a handler waits for a file, which it does without reading or writing.</summary>
    public Task RequestIsHeldAsync() => _setup.CgiProgram is null
        ? CounterReachesAsync("held", 1)
        : Eventually.TrueAsync("a CGI program runs", () => CgiPrograms() > 0);

    /// <summary>Waits until the handler has been told that nobody waits for its answer, or its process has gone.</summary>
    public Task RequestIsGivenUpAsync() => _setup.CgiProgram is null
        ? CounterReachesAsync("cancelled", 1)
        : Eventually.TrueAsync("no CGI program runs", () => CgiPrograms() == 0);

    /// <summary>
    /// Error pages that clients have got and asked again; as many as the front has logged as its own fault, or some were the backend's.
    /// </summary>
    public async Task<int> OwnFaultsAsync()
    {
        if (_setup.MarkOfOwnFault is string mark)
            await Eventually.TrueAsync($"the front has logged {_faults.Seen} faults of its own", () => Log.Split(mark).Length - 1 == _faults.Seen);
        return _faults.Seen;
    }

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

    /// <summary>lighttpd hands no environment on to a CGI program, and all of them start it in its own folder.</summary>
    private async Task WriteProgramAsync(string program, IReadOnlyDictionary<string, string> environment)
    {
        string settings = string.Concat(environment.Select(setting => $"{setting.Key}='{setting.Value}' "));
        await _folder.WriteAsync(program, $"#!/bin/sh\ncd '{_folder.FullPath}' && {settings}exec {Backend.Command}\n");
        File.SetUnixFileMode(_folder.At(program), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private int CgiPrograms() => KernelView.GroupOf(Pid).Count(pid => KernelView.NameOf(pid) == "responder");

    private async Task StartServerAsync(IReadOnlyDictionary<string, string> environment)
    {
        await File.WriteAllTextAsync(_folder.At("front.conf"), _setup.Configuration(Port));
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = _folder.FullPath,
            ArgumentList =
            {
                "-c", $"exec setsid \"$0\" {string.Format(CultureInfo.InvariantCulture, _setup.Arguments, Port)} >>front.log 2>&1 </dev/null",
                Machine.Find(_setup.Command) ?? throw new XunitException($"{_setup.Command} is not installed"),
            },
        };
        NativeProgram.CleanEnvironment(start, _setup.LaunchesBackend ? environment : new Dictionary<string, string>());
        _process = Process.Start(start)!;
        LeftOver.Note(-_process.Id);
    }

    private async Task<bool> AnswersAsync()
    {
        if (_process is { HasExited: true })
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

    private HttpClient NewClient(HttpMessageHandler handler, bool asksAgain) => new(asksAgain ? new AskingAgain(_faults, handler) : handler)
    {
        BaseAddress = new Uri($"http://127.0.0.1:{Port}/{_setup.Path}"),
        Timeout = Eventually.Deadline,
    };

    private HttpMessageHandler Handler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        if (_setup.Client is { } client)
            return client(_folder);
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        if (!_setup.KeepsClients)
            handler.PooledConnectionLifetime = TimeSpan.Zero;
        handler.ConnectCallback = connect;
        return handler;
    }

    private static async ValueTask<Stream> ConnectRoughlyAsync(SocketsHttpConnectionContext context, CancellationToken cancelled)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 16 * 1024, // before connecting, or the window is larger already
            LingerState = new LingerOption(true, 0),
        };
        await socket.ConnectAsync(context.DnsEndPoint, cancelled);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private string ReadIfThere(string name) => File.Exists(_folder.At(name)) ? File.ReadAllText(_folder.At(name)) : "";
}
