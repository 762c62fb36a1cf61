using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Benchmarks;

/// <summary>A contender that runs and answers, on a fresh Unix socket of its own. Disposing ends it.</summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _log;

    private Server(Contender contender, IReadOnlyDictionary<string, string> environment)
    {
        Contender = contender;
        Socket = Tools.Path(contender.Name + ".sock");
        _log = Tools.Path(contender.Name + ".log");
        _process = Tools.Launch(Socket, _log, environment, contender.Program);
    }

    public Contender Contender { get; }

    public string Socket { get; }

    /// <summary>Where its figures are read; a server that is gone has none, and its exit code (128 + signal) says why.</summary>
    public int Pid => !_process.HasExited
        ? _process.Id
        : throw new BenchException($"{Contender.Name} ended with {_process.ExitCode} while it was measured (its log: {_log})");

    public static Server Start(Contender contender) => Start(contender, Contender.NoSettings);

    public static Server Start(Contender contender, IReadOnlyDictionary<string, string> environment)
    {
        var server = new Server(contender, environment);
        try
        {
            server.AwaitFirstAnswer();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(Socket);
    }

    /// <summary>Only a right answer counts as started: a refused connection means the socket is not there yet.</summary>
    private void AwaitFirstAnswer()
    {
        var clock = Stopwatch.StartNew();
        string why = "no answer";
        while (clock.Elapsed < Patience && !_process.HasExited)
        {
            Load probe = Load.For(Socket, new Shape(Keep: false, AtOnce: 1), seconds: 0.01);
            if (probe is { Requests: > 0, Errors: 0 })
                return;
            why = probe.Error;
            Thread.Sleep(20);
        }

        throw new BenchException($"{Contender.Name} does not answer GET /api/health: {why} (its log: {_log})");
    }
}
