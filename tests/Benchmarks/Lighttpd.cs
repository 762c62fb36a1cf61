using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading;

namespace Benchmarks;

/// <summary>A lighttpd on a free port of 127.0.0.1 that launched one contender by mod_fastcgi and answers through it.</summary>
internal sealed class Lighttpd : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _socket;
    private readonly string _log;

    private Lighttpd(Contender contender, string path)
    {
        Contender = contender;
        int port = FreePort();
        Url = $"http://127.0.0.1:{port}{path}";
        string folder = Tools.Path("lighttpd");
        Directory.CreateDirectory(folder);
        _socket = $"{folder}/{contender.Name}.sock";
        string configuration = $"{folder}/{contender.Name}.conf";
        File.WriteAllText(configuration, Configuration(contender, port, folder, _socket));
        _log = $"{folder}/{contender.Name}.log";
        _process = Tools.Launch("-", _log, Contender.NoSettings, "lighttpd", "-D", "-f", configuration);
    }

    public Contender Contender { get; }

    public string Url { get; }

    public int Pid => _process.Id;

    /// <summary>The contender's process; lighttpd respawns one that died, so it is looked up each time.</summary>
    public int BackendPid => ProcessCounters.ChildrenOf(Pid).Cast<int?>().FirstOrDefault()
        ?? throw new BenchException($"{Contender.Name} is no longer running under lighttpd (log: {_log})");

    public static Lighttpd Start(Contender contender, string path = "/api/health")
    {
        if (contender.Program.Any(char.IsWhiteSpace))
            throw new BenchException($"lighttpd's bin-path cannot hold a blank, and {contender.Program} does");
        var lighttpd = new Lighttpd(contender, path);
        try
        {
            lighttpd.AwaitFirstAnswer();
            return lighttpd;
        }
        catch
        {
            lighttpd.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_socket + "-0"); // lighttpd numbers the sockets of the processes it starts
    }

    /// <summary>
    /// Nothing but the way to the backend, for somebody who is logged in without a password being checked. The socket stays relative because lighttpd binds it before it changes folder;
    /// bin-path must be absolute because it starts the backend after. Kept HTTP connections last for the whole
    /// measurement: how often wrk reconnects is not the question here.
    /// </summary>
    private static string Configuration(Contender contender, int port, string folder, string socket) => $"""
        server.modules = ("mod_setenv", "mod_fastcgi")
        setenv.set-environment = ("REMOTE_USER" => "bench", "AUTH_TYPE" => "Basic")
        server.bind = "127.0.0.1"
        server.port = {port}
        server.document-root = "{Path.GetFullPath(folder)}"
        server.max-keep-alive-requests = 65535
        fastcgi.server = ("/api/" => ((
            "socket" => "{socket}",
            "bin-path" => "{contender.Program}",
            "bin-environment" => ("APPLIANCE_ACCESS_USERS_bench" => "metrics"),
            "check-local" => "disable",
            "max-procs" => 1
        )))

        """;

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private void AwaitFirstAnswer()
    {
        using var client = new HttpClient { Timeout = Patience };
        var clock = Stopwatch.StartNew();
        string why = "no answer";
        while (clock.Elapsed < Patience && !_process.HasExited)
        {
            try
            {
                using HttpResponseMessage response = client.Send(new HttpRequestMessage(HttpMethod.Get, Url));
                if (response.StatusCode == HttpStatusCode.OK)
                    return;
                why = $"status {(int)response.StatusCode}";
            }
            catch (HttpRequestException problem)
            {
                why = problem.Message;
            }

            Thread.Sleep(50);
        }

        throw new BenchException($"lighttpd with {Contender.Name} does not answer: {why} (its log: {_log})");
    }
}
