using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Benchmarks;

/// <summary>From exec to the last byte of the first reply, on a socket where the request already waits (peers/first.c).</summary>
internal static class Start
{
    private const int Starts = 20;

    public static void Run(Bench bench)
    {
        var table = new Table("server", "starts", "median ms", "fastest ms", "slowest ms");
        var targets = new List<Target>();
        foreach (Contender contender in bench.Contenders)
        {
            Bench.Progress($"{Starts} starts of {contender.Name}");
            string json = Tools.Output(
                Tools.Path("first"),
                Tools.Path("first.sock"),
                Tools.Path("first.log"),
                Starts.ToString(CultureInfo.InvariantCulture),
                contender.Program);
            using JsonDocument document = JsonDocument.Parse(json);
            double Figure(string name) => document.RootElement.GetProperty(name).GetDouble();

            table.Row(contender.Name, Figures.Whole(Figure("starts")), Figures.Hundredths(Figure("median")),
                Figures.Hundredths(Figure("fastest")), Figures.Hundredths(Figure("slowest")));
            if (contender.Name == Contender.Ours)
                targets.Add(Target.Most("start to first answer", 10, Figure("median"), " ms"));
        }

        bench.Print(table);
        bench.Print(targets);
    }
}
