using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Benchmarks;

/// <summary>What the kernel counted for a process, all its threads included, read from /proc.</summary>
internal static class ProcessCounters
{
    /// <summary>USER_HZ, the unit of utime and stime in /proc: 100 on every architecture .NET runs on.</summary>
    private const double MicrosecondsPerTick = 1_000_000 / 100;

    /// <summary>User and system time so far.</summary>
    public static double CpuMicroseconds(int pid)
    {
        string[] fields = StatFields(pid)
            ?? throw new BenchException($"process {pid} ended while it was measured");
        return (Number(fields[11]) + Number(fields[12])) * MicrosecondsPerTick;
    }

    /// <summary>What all cores of the machine did: everything in the first line of /proc/stat but idle and iowait.</summary>
    public static double MachineMicroseconds()
    {
        double[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Take(8).Select(Number)];
        return (ticks.Sum() - ticks[3] - ticks[4]) * MicrosecondsPerTick;
    }

    /// <summary>
    /// Resident bytes. smaps_rollup, because it walks the pages: VmRSS in status is summed from per-CPU counters that lag
    /// by up to 128 KiB a CPU on many kernels, a tenth of what the small ones here use.
    /// </summary>
    public static long ResidentBytes(int pid)
    {
        string[] words = File.ReadLines($"/proc/{pid}/smaps_rollup")
            .First(line => line.StartsWith("Rss:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long)Number(words[1]) * 1024;
    }

    /// <summary>What <paramref name="parent"/> started: a look at everyone, as not every kernel lists them.</summary>
    public static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid) && ParentOf(pid) == parent)
                yield return pid;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static int? ParentOf(int pid) =>
        StatFields(pid) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : null;

    /// <summary>
    /// proc_pid_stat(5) from its third field on: the second, the name, may itself hold blanks and parentheses. Null where
    /// the process has ended.
    /// </summary>
    private static string[]? StatFields(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
