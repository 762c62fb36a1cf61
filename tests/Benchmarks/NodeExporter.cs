using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;

namespace Benchmarks;

/// <summary>Debian's prometheus-node-exporter on a free port of 127.0.0.1. Disposing ends it.</summary>
internal sealed class NodeExporter : IDisposable
{
    public const string Program = "/usr/bin/prometheus-node-exporter";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly string _log = Tools.Path("node_exporter.log");

    private NodeExporter(IEnumerable<string> collectors)
    {
        int port = Lighttpd.FreePort();
        Url = $"http://127.0.0.1:{port}/metrics";
        _process = Tools.Launch(
            "-",
            _log,
            Contender.NoSettings,
            [
                Program, "--collector.disable-defaults", "--web.disable-exporter-metrics", $"--web.listen-address=127.0.0.1:{port}",
                .. collectors.Select(collector => $"--collector.{collector}"),
            ]);
    }

    public string Url { get; }

    public int Pid => !_process.HasExited
        ? _process.Id
        : throw new BenchException($"node_exporter ended with {_process.ExitCode} (its log: {_log})");

    /// <summary>The names it knows, from its own help.</summary>
    public static IEnumerable<string> Collectors() =>
        Regex.Matches(Tools.Output(Program, "--help"), @"--\[?(?:no-)?\]?collector\.(\w+)\s").Select(match => match.Groups[1].Value).Distinct();

    public static NodeExporter Start(IEnumerable<string> collectors)
    {
        var exporter = new NodeExporter(collectors);
        try
        {
            exporter.AwaitFirstAnswer();
            return exporter;
        }
        catch
        {
            exporter.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void AwaitFirstAnswer()
    {
        using var scraper = new Scraper();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                scraper.Get(Url);
                return;
            }
            catch (BenchException) when (clock.Elapsed < Patience && !_process.HasExited)
            {
                Thread.Sleep(50);
            }
        }
    }
}
