using System.Collections.Generic;
using System.Linq;

namespace Benchmarks;

/// <summary>
/// The way people meet it: wrk → lighttpd → contender. lighttpd does most of the work here; the last column says how much
/// is the backend's.
/// </summary>
internal static class ThroughLighttpd
{
    private sealed record Sample(double RequestsPerSecond, double FrontCpu, double BackendCpu, string P50, string P99);

    public static void Run(Bench bench)
    {
        var samples = bench.Contenders.ToDictionary(contender => contender.Name, _ => new List<Sample>());
        var fronts = new List<Lighttpd>();
        try
        {
            foreach (Contender contender in bench.Contenders)
                fronts.Add(Lighttpd.Start(contender));
            for (int round = 1; round <= bench.Options.Rounds; round++)
            {
                Bench.Progress($"round {round} of {bench.Options.Rounds}: wrk through lighttpd");
                foreach (Lighttpd front in fronts)
                    samples[front.Contender.Name].Add(Measure(bench, front));
            }
        }
        finally
        {
            fronts.ForEach(front => front.Dispose());
        }

        var table = new Table("backend", "requests/s", "spread", "p50", "p99", "× libfcgi", "× Go",
            "CPU µs/request lighttpd", "CPU µs/request backend");
        foreach ((string name, List<Sample> own) in samples)
        {
            double Against(string peer) =>
                own.Select(sample => sample.RequestsPerSecond).Median()
                / samples[peer].Select(sample => sample.RequestsPerSecond).Median();
            Sample typical = own.OrderBy(sample => sample.RequestsPerSecond).ElementAt(own.Count / 2);
            table.Row(
                name,
                Figures.Whole(own.Select(sample => sample.RequestsPerSecond).Median()),
                Figures.Percent(own.ConvertAll(sample => sample.RequestsPerSecond).Spread()),
                typical.P50,
                typical.P99,
                Figures.Hundredths(Against(Contender.LibFcgi)),
                Figures.Hundredths(Against(Contender.Go)),
                Figures.Tenths(own.Select(sample => sample.FrontCpu).Median()),
                Figures.Tenths(own.Select(sample => sample.BackendCpu).Median()));
        }

        bench.Print(table);
    }

    private static Sample Measure(Bench bench, Lighttpd front)
    {
        int backend = front.BackendPid;
        double frontBefore = ProcessCounters.CpuMicroseconds(front.Pid);
        double backendBefore = ProcessCounters.CpuMicroseconds(backend);
        Wrk wrk = Wrk.Run(front.Url, bench.Options.Seconds);
        if (wrk.Trouble != "" || wrk.Requests == 0)
            bench.Fail($"lighttpd with {front.Contender.Name}: {wrk.Requests} requests, {wrk.Trouble}");
        return new Sample(
            wrk.RequestsPerSecond,
            (ProcessCounters.CpuMicroseconds(front.Pid) - frontBefore) / wrk.Requests,
            (ProcessCounters.CpuMicroseconds(backend) - backendBefore) / wrk.Requests,
            wrk.P50,
            wrk.P99);
    }
}
