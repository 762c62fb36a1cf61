using System;

namespace Appliance.Status;

/// <summary>What /proc/stat says apart from the single CPUs, proc_stat(5).</summary>
/// <remarks>Parsing checks every cpu line, so a caller may then walk through them again and need not fear a bad one.</remarks>
internal readonly struct KernelStatistics
{
    /// <summary>Times of all CPUs together.</summary>
    public CpuTimes Total { get; private init; }

    /// <summary>How many CPUs are online.</summary>
    public int CpuCount { get; private init; }

    /// <summary>When the device started, in seconds since 1970 UTC. Moves when the clock is set.</summary>
    public ulong BootTime { get; private init; }

    /// <summary>Serviced since boot.</summary>
    public ulong Interrupts { get; private init; }

    /// <summary>Since boot.</summary>
    public ulong ContextSwitches { get; private init; }

    /// <summary>Processes and threads started since boot.</summary>
    public ulong Forks { get; private init; }

    /// <summary>Tasks that run or could run now.</summary>
    public ulong ProcessesRunning { get; private init; }

    /// <summary>Tasks that wait for disk now.</summary>
    public ulong ProcessesBlocked { get; private init; }

    /// <returns>Null, or what is wrong with the text.</returns>
    public static string? Parse(ReadOnlySpan<byte> text, out KernelStatistics statistics)
    {
        statistics = default;
        CpuTimes total = default;
        bool hasTotal = false, hasBootTime = false;
        int cpus = 0;
        ulong bootTime = 0, interrupts = 0, contextSwitches = 0, forks = 0, running = 0, blocked = 0;

        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (CpuTimes.IsCpuLine(line))
            {
                if (!CpuTimes.TryParse(line, out CpuTimes times))
                    return "a cpu line has fewer than ten numbers";
                if (times.Cpu == CpuTimes.AllCpus)
                {
                    total = times;
                    hasTotal = true;
                }
                else
                {
                    cpus++;
                }
            }
            else if (TryReadValue(line, "btime "u8, ref bootTime))
            {
                hasBootTime = true;
            }
            else
            {
                // Those a kernel does not have stay 0. Of "intr" the first number is the sum of the others.
                _ = TryReadValue(line, "intr "u8, ref interrupts) || TryReadValue(line, "ctxt "u8, ref contextSwitches)
                    || TryReadValue(line, "processes "u8, ref forks) || TryReadValue(line, "procs_running "u8, ref running)
                    || TryReadValue(line, "procs_blocked "u8, ref blocked);
            }
        }

        if (lines.IsCut)
            return "cut in mid-line";
        if (!hasTotal || cpus == 0)
            return "no cpu lines";
        if (!hasBootTime)
            return "no btime";
        statistics = new KernelStatistics
        {
            Total = total,
            CpuCount = cpus,
            BootTime = bootTime,
            Interrupts = interrupts,
            ContextSwitches = contextSwitches,
            Forks = forks,
            ProcessesRunning = running,
            ProcessesBlocked = blocked,
        };
        return null;
    }

    private static bool TryReadValue(ReadOnlySpan<byte> line, ReadOnlySpan<byte> label, scoped ref ulong value)
    {
        if (!line.StartsWith(label) || !new FieldReader(line[label.Length..]).TryReadNumber(out ulong number))
            return false;
        value = number;
        return true;
    }
}
