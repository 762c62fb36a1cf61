using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Benchmarks;

/// <summary>What the figures were measured on. They compare within one run only; this says which run.</summary>
internal static class Machine
{
    public static void Describe()
    {
        string? model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        string cores = $"{model ?? "unnamed CPU"}, {Environment.ProcessorCount} cores";
        Console.WriteLine($"{cores}, Linux {kernel}, load average {Figures.Hundredths(load)}\n");

        // A busy neighbour moves server and load generator onto one core, and that changes ratios, not only figures.
        if (load > 0.5)
            Console.WriteLine("**Something else is running on this machine: requests/s are not to be trusted.**\n");
    }
}
