using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Benchmarks;

/// <summary>
/// A scrape of this machine's metrics, ours through lighttpd beside Debian's prometheus-node-exporter, both with the collectors
/// that both have. Nothing is compressed: node_exporter would compress itself, ours leave that to lighttpd.
/// </summary>
internal static class Metrics
{
    private sealed record Sample(double Cpu, double FrontCpu);

    public static void Run(Bench bench)
    {
        if (bench.Appliance is null)
            throw new BenchException("the binary has not been built");
        using Lighttpd front = Lighttpd.Start(bench.Appliance, "/api/metrics");
        using var scraper = new Scraper();
        string[] collectors = [.. Collectors(scraper.Get(front.Url)).Intersect(NodeExporter.Collectors())];
        using NodeExporter exporter = NodeExporter.Start(collectors);
        string ours = front.Url + "?" + string.Join('&', collectors.Select(collector => $"collect[]={collector}"));

        var own = new List<Sample>();
        var theirs = new List<Sample>();
        for (int round = 1; round <= bench.Options.Rounds; round++)
        {
            Bench.Progress($"round {round} of {bench.Options.Rounds}: scrapes with {collectors.Length} collectors");
            own.Add(Measure(scraper, bench.Options.Seconds, ours, front.BackendPid, front.Pid));
            theirs.Add(Measure(scraper, bench.Options.Seconds, exporter.Url, exporter.Pid, null));
        }

        double ownCpu = own.Select(sample => sample.Cpu).Median();
        double theirCpu = theirs.Select(sample => sample.Cpu).Median();
        double ownMemory = Figures.Megabytes(ProcessCounters.ResidentBytes(front.BackendPid));
        double theirMemory = Figures.Megabytes(ProcessCounters.ResidentBytes(exporter.Pid));
        var table = new Table("server", "samples", "bytes", "CPU µs/scrape", "spread", "CPU µs/scrape lighttpd", "RSS MB", "binary MB");
        Row(Contender.Ours, scraper.Get(ours), own, ownMemory, bench.Appliance.Program);
        Row("node_exporter", scraper.Get(exporter.Url), theirs, theirMemory, NodeExporter.Program);
        bench.Print(table);
        bench.Note($"Collectors: {string.Join(", ", collectors)}.");
        bench.Print(
        [
            Target.Most("CPU per scrape, of node_exporter's", 0.1, ownCpu / theirCpu),
            Target.Most("CPU per scrape", 1, ownCpu / 1000, " ms"),
            Target.Most("RSS, of node_exporter's", 1 / 3.0, ownMemory / theirMemory),
        ]);

        void Row(string name, string answer, List<Sample> samples, double memory, string program) => table.Row(
            name,
            Figures.Whole(answer.Split('\n').Count(line => line.Length > 0 && line[0] != '#')),
            Figures.Whole(answer.Length),
            Figures.Whole(samples.Select(sample => sample.Cpu).Median()),
            Figures.Percent(samples.ConvertAll(sample => sample.Cpu).Spread()),
            Figures.Whole(samples.Select(sample => sample.FrontCpu).Median()),
            Figures.Tenths(memory),
            Figures.Tenths(Figures.Megabytes(new FileInfo(program).Length)));
    }

    private static Sample Measure(Scraper scraper, double seconds, string url, int pid, int? front)
    {
        scraper.Get(url); // the first may still open files
        double before = ProcessCounters.CpuMicroseconds(pid);
        double frontBefore = front is int id ? ProcessCounters.CpuMicroseconds(id) : double.NaN;
        int scrapes = scraper.Repeat(url, seconds);
        return new Sample(
            (ProcessCounters.CpuMicroseconds(pid) - before) / scrapes,
            front is int again ? (ProcessCounters.CpuMicroseconds(again) - frontBefore) / scrapes : double.NaN);
    }

    /// <summary>The collectors that succeed on this machine.</summary>
    private static IEnumerable<string> Collectors(string exposition) =>
        Regex.Matches(exposition, "^node_scrape_collector_success\\{collector=\"(\\w+)\"\\} 1$", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value);
}
