using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace Benchmarks;

/// <summary>
/// Ten thousand connections that a front keeps and does not use, each after one request (peers/idle.c): what they add to RSS, and to
/// the latency of the requests that come on others. The sockets' memory is the kernel's and not in RSS.
/// </summary>
internal static class Idle
{
    private const int Connections = 10_000;

    private static readonly Shape[] Shapes = [new(Keep: false, 1), new(Keep: false, 16), new(Keep: true, 16)];
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2); // two sweeps of the server's

    private static readonly Dictionary<string, string> Room = new()
    {
        ["APPLIANCE_LIMITS_CONNECTIONS"] = (Connections + 100).ToString(CultureInfo.InvariantCulture),
    };

    public static void Run(Bench bench)
    {
        if (bench.Appliance is not Contender appliance)
            throw new BenchException("the binary is not there");
        using Server server = Server.Start(appliance, Room);
        Bench.Progress("requests without idle connections");
        Load.For(server.Socket, Shapes[^1], seconds: 0.3); // warm
        Load[] alone = Measure(bench, server);
        long before = Settled(server);

        Bench.Progress($"{Figures.Whole(Connections)} connections");
        using Process idle = Tools.Converse(
            Tools.Path("idle"), "--socket", server.Socket, "--connections", Connections.ToString(CultureInfo.InvariantCulture));
        if (idle.StandardOutput.ReadLine() != "open")
            throw new BenchException($"{Connections} connections could not be opened; is 'ulimit -Hn' above that?");
        long with = Settled(server);
        Load[] beside = Measure(bench, server);
        long after = Settled(server);
        idle.StandardInput.Close();
        string answered = idle.StandardOutput.ReadToEnd().Trim();
        idle.WaitForExit();
        if (answered != Connections.ToString(CultureInfo.InvariantCulture))
            bench.Fail($"only {answered} of {Connections} idle connections answered again");

        double Each(long resident) => (resident - before) / 1024.0 / Connections;
        bench.Note($"RSS {Megabytes(before)} MB before, {Megabytes(with)} MB with {Figures.Whole(Connections)} idle connections, "
            + $"{Megabytes(after)} MB after requests on others.");
        var table = new Table("requests", "p50 µs alone", "p50 µs beside them", "p99 µs alone", "p99 µs beside them", "requests/s × alone");
        for (int i = 0; i < Shapes.Length; i++)
        {
            table.Row(Shapes[i].Name, Figures.Whole(alone[i].P50), Figures.Whole(beside[i].P50), Figures.Whole(alone[i].P99),
                Figures.Whole(beside[i].P99), Figures.Hundredths(beside[i].RequestsPerSecond / alone[i].RequestsPerSecond));
        }
        bench.Print(table);
        bench.Print([Target.Most("RSS of an idle connection", 4, Each(with), " KB"),
            Target.Most("the same after requests on others", 4, Each(after), " KB")]);
    }

    private static Load[] Measure(Bench bench, Server server)
    {
        var loads = new Load[Shapes.Length];
        for (int i = 0; i < Shapes.Length; i++)
        {
            loads[i] = Load.For(server.Socket, Shapes[i], bench.Options.Seconds);
            if (loads[i].Errors > 0)
                bench.Fail($"{Shapes[i].Name}: {loads[i].Errors} errors, the first: {loads[i].Error}");
        }
        return loads;
    }

    private static long Settled(Server server)
    {
        Thread.Sleep(Settling);
        return ProcessCounters.ResidentBytes(server.Pid);
    }

    private static string Megabytes(long bytes) => Figures.Tenths(Figures.Megabytes(bytes));
}
