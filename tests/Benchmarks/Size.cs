using System.Collections.Generic;
using System.IO;

namespace Benchmarks;

/// <summary>Bytes of each executable as it lies on the disk; the peers in C also need the device's libc, ours does not.</summary>
internal static class Size
{
    public static void Run(Bench bench)
    {
        var table = new Table("server", "bytes", "MB");
        var targets = new List<Target>();
        foreach (Contender contender in bench.Contenders)
        {
            long bytes = new FileInfo(contender.Program).Length;
            table.Row(contender.Name, Figures.Whole(bytes), Figures.Hundredths(Figures.Megabytes(bytes)));
            if (contender.Name == Contender.Ours)
                targets.Add(Target.Most("size of the binary", 4.5, Figures.Megabytes(bytes), " MB"));
        }

        bench.Print(table);
        bench.Print(targets);
    }
}
