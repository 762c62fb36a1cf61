using System;
using System.Collections.Generic;
using System.Threading;

namespace Benchmarks;

/// <summary>RSS of each contender once it has answered, and again after many requests, a connection each, 16 at once.</summary>
internal static class Memory
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    public static void Run(Bench bench)
    {
        var table = new Table("server", "idle MB", "requests", "after MB", "growth MB");
        var targets = new List<Target>();
        foreach (Contender contender in bench.Contenders)
        {
            Bench.Progress($"{Figures.Whole(bench.Options.Requests)} requests to {contender.Name}");
            using Server server = Server.Start(contender);
            long idle = Settled(server);
            Load load = Load.Count(server.Socket, new Shape(Keep: false, 16), bench.Options.Requests);
            long after = Settled(server);

            if (load.Errors > 0 || load.Requests < bench.Options.Requests)
                bench.Fail($"{contender.Name}: {load.Requests} requests done, {load.Errors} errors, the first: {load.Error}");
            table.Row(contender.Name, Figures.Hundredths(Figures.Megabytes(idle)), Figures.Whole(load.Requests),
                Figures.Hundredths(Figures.Megabytes(after)), Figures.Hundredths(Figures.Megabytes(after - idle)));
            if (contender.Name == Contender.Ours)
            {
                targets.Add(Target.Most("RSS idle", 6, Figures.Megabytes(idle), " MB"));
                string served = $"RSS after {Figures.Whole(load.Requests)} requests";
                targets.Add(Target.Most(served, 8, Figures.Megabytes(after), " MB"));
            }
        }

        bench.Print(table);
        bench.Print(targets);
    }

    private static long Settled(Server server)
    {
        Thread.Sleep(Settling);
        return ProcessCounters.ResidentBytes(server.Pid);
    }
}
