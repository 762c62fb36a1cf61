using System;
using System.Collections.Generic;
using System.Linq;

namespace Benchmarks;

/// <summary>
/// Requests/s, CPU per request and latency of all contenders over their Unix sockets. They take turns within each round,
/// so that what else the machine does hits all alike; a figure is the median of the rounds.
/// </summary>
internal static class Throughput
{
    private static readonly Shape CloseOne = new(Keep: false, 1);
    private static readonly Shape CloseMany = new(Keep: false, 16);
    private static readonly Shape KeepOne = new(Keep: true, 1);
    private static readonly Shape KeepMany = new(Keep: true, 16);
    private static readonly Shape[] Shapes = [CloseOne, CloseMany, KeepOne, KeepMany];

    private const string HowToRead = """
        Spread: how far the rounds lie apart. Core busy: the server's share of one core; where the limit stays below 100 %
        the load generator on the other core, not the server, sets the pace, and CPU µs/request tells more than requests/s.
        Others: what neither server nor load generator used, in the same unit; above about 20 % the figures are the
        neighbours'. libfcgi serves one kept connection at a time, so 16 of them cannot be measured.
        """;

    private sealed record Sample(
        double RequestsPerSecond, double CpuMicroseconds, double Busy, double Others, double P50, double P99);

    public static void Run(Bench bench)
    {
        var samples = Shapes.ToDictionary(
            shape => shape,
            _ => bench.Contenders.ToDictionary(contender => contender.Name, _ => new List<Sample>()));
        var servers = new List<Server>();
        try
        {
            foreach (Contender contender in bench.Contenders)
                servers.Add(Server.Start(contender));
            foreach (Server server in servers)
                Load.For(server.Socket, CloseMany, seconds: 0.3); // pools, caches and tiers warm before anything counts

            for (int round = 1; round <= bench.Options.Rounds; round++)
            {
                foreach (Shape shape in Shapes)
                {
                    Bench.Progress($"round {round} of {bench.Options.Rounds}: {shape.Name}");
                    foreach (Server server in servers.Where(server => Serves(server.Contender, shape)))
                        samples[shape][server.Contender.Name].Add(Measure(bench, server, shape));
                }
            }
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }

        foreach (Shape shape in Shapes)
        {
            bench.Note($"### {shape.Name}");
            bench.Print(TableOf(bench.Contenders, samples[shape]));
        }

        bench.Note(HowToRead);
        bench.Print(Targets(samples));
    }

    private static bool Serves(Contender contender, Shape shape) =>
        !(contender.OneConnectionAtATime && shape is { Keep: true, AtOnce: > 1 });

    private static Sample Measure(Bench bench, Server server, Shape shape)
    {
        double machine = ProcessCounters.MachineMicroseconds();
        double before = ProcessCounters.CpuMicroseconds(server.Pid);
        Load load = Load.For(server.Socket, shape, bench.Options.Seconds);
        double cpu = ProcessCounters.CpuMicroseconds(server.Pid) - before;
        machine = ProcessCounters.MachineMicroseconds() - machine;
        if (load.Errors > 0 || load.Requests == 0)
            bench.Fail($"{server.Contender.Name}, {shape.Name}: {load.Errors} errors, the first: {load.Error}");
        if (load.Retries > 0)
            Bench.Progress($"{server.Contender.Name}: connecting had to wait {load.Retries} times for its full backlog");
        double others = Math.Max(0, (machine - cpu) / 1e6 - load.CpuSeconds);
        return new Sample(
            load.RequestsPerSecond,
            cpu / load.Requests,
            cpu / 1e6 / load.Seconds,
            others / load.Seconds,
            load.P50,
            load.P99);
    }

    private static Table TableOf(IReadOnlyList<Contender> contenders, Dictionary<string, List<Sample>> samples)
    {
        var table = new Table("server", "requests/s", "spread", "CPU µs/request", "core busy", "others", "p50 µs", "p99 µs",
            "× limit", "× libfcgi", "× Go", "CPU × limit");
        foreach (string name in contenders.Select(contender => contender.Name).Where(name => samples[name].Count > 0))
        {
            List<Sample> own = samples[name];
            double Rates(string peer) => Against(samples, name, peer, sample => sample.RequestsPerSecond);
            table.Row(
                name,
                Figures.Whole(own.Select(sample => sample.RequestsPerSecond).Median()),
                Figures.Percent(own.ConvertAll(sample => sample.RequestsPerSecond).Spread()),
                Figures.Tenths(own.Select(sample => sample.CpuMicroseconds).Median()),
                Figures.Percent(own.Select(sample => sample.Busy).Median()),
                Figures.Percent(own.Select(sample => sample.Others).Median()),
                Figures.Whole(own.Select(sample => sample.P50).Median()),
                Figures.Whole(own.Select(sample => sample.P99).Median()),
                Figures.Hundredths(Rates(Contender.Limit)),
                Figures.Hundredths(Rates(Contender.LibFcgi)),
                Figures.Hundredths(Rates(Contender.Go)),
                Figures.Hundredths(Against(samples, name, Contender.Limit, sample => sample.CpuMicroseconds)));
        }

        return table;
    }

    private static IEnumerable<Target> Targets(Dictionary<Shape, Dictionary<string, List<Sample>>> samples)
    {
        double Rate(Shape shape, string peer) =>
            Against(samples[shape], Contender.Ours, peer, sample => sample.RequestsPerSecond);

        yield return Target.Least($"requests/s × limit, {CloseMany.Name}", 0.85, Rate(CloseMany, Contender.Limit));
        yield return Target.Least($"requests/s × libfcgi, {CloseMany.Name}", 3, Rate(CloseMany, Contender.LibFcgi));
        yield return Target.Least($"requests/s × Go, {CloseMany.Name}", 3.5, Rate(CloseMany, Contender.Go));
        yield return Target.Most($"CPU per request × limit, {CloseMany.Name}", 1.3,
            Against(samples[CloseMany], Contender.Ours, Contender.Limit, sample => sample.CpuMicroseconds));
        yield return Target.Least($"requests/s × limit, {KeepOne.Name}", 0.6, Rate(KeepOne, Contender.Limit));
        yield return Target.Least($"requests/s × limit, {KeepMany.Name}", 0.6, Rate(KeepMany, Contender.Limit));
    }

    private static double Against(
        Dictionary<string, List<Sample>> samples, string name, string peer, Func<Sample, double> figure) =>
        samples.GetValueOrDefault(name, []).Select(figure).Median()
        / samples[peer].Select(figure).Median();
}
