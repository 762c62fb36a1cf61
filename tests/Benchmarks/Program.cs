using System;
using System.IO;
using System.Linq;

namespace Benchmarks;

/// <summary>Options → contenders → sections in the order of the table; markdown to stdout, progress to stderr.</summary>
internal static class Program
{
    /// <summary>Everything that can be measured. A new section is one file and one line here.</summary>
    private static readonly Section[] Sections =
    [
        new("throughput", "requests/s, CPU and latency over a Unix socket, by connection habit and concurrency", Throughput.Run),
        new("memory", "RSS idle and after many requests", Memory.Run),
        new("allocations", "managed memory per request once warm, on a kept connection", Allocations.Run),
        new("idle", "memory of kept connections nobody uses, and what they cost the others", Idle.Run),
        new("streams", "long bodies both ways, several at once on a connection, and an event stream's latency", Streams.Run),
        new("size", "bytes of the executable", Size.Run),
        new("start", "milliseconds from exec to the first complete answer", Start.Run),
        new("metrics", "CPU per scrape, RSS and size beside Debian's prometheus-node-exporter", Metrics.Run),
        new("lighttpd", "the same small reply through lighttpd, driven by wrk", ThroughLighttpd.Run),
    ];

    private static int Main(string[] arguments)
    {
        try
        {
            Options options = Options.Parse(arguments, Sections);
            Tools.DemandCompiledPeers();
            using FileStream alone = Tools.LockFolder();
            Machine.Describe();
            var bench = new Bench(options, Contender.Line(options.Binary));
            foreach (Section section in Sections.Where(section => options.Includes(section.Name)))
                bench.Run(section);
            return bench.Failures == 0 ? 0 : 1;
        }
        catch (BenchException problem)
        {
            Console.Error.WriteLine("bench: " + problem.Message);
            return 2;
        }
    }
}

/// <summary>One thing to measure: the name <c>--only</c> takes, what it tells, and the code that does it.</summary>
internal sealed record Section(string Name, string Tells, Action<Bench> Run);
