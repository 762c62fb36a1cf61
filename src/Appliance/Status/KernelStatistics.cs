using System;

namespace Appliance.Status;

/// <summary>What /proc/stat says apart from the single CPUs, proc_stat(5).</summary>
/// <remarks>Parsing checks every cpu line, so a caller may then walk through them again and need not fear a bad one.</remarks>
internal readonly struct KernelStatistics
{
    private KernelStatistics(CpuTimes total, int cpuCount, ulong bootTime)
    {
        Total = total;
        CpuCount = cpuCount;
        BootTime = bootTime;
    }

    /// <summary>Times of all CPUs together.</summary>
    public CpuTimes Total { get; }

    /// <summary>How many CPUs are online.</summary>
    public int CpuCount { get; }

    /// <summary>When the device started, in seconds since 1970 UTC. Moves when the clock is set.</summary>
    public ulong BootTime { get; }

    /// <returns>Null, or what is wrong with the text.</returns>
    public static string? Parse(ReadOnlySpan<byte> text, out KernelStatistics statistics)
    {
        statistics = default;
        CpuTimes total = default;
        bool hasTotal = false, hasBootTime = false;
        int cpus = 0;
        ulong bootTime = 0;

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
            else if (line.StartsWith("btime "u8))
            {
                FieldReader fields = new(line["btime ".Length..]);
                hasBootTime = fields.TryReadNumber(out bootTime);
            }
        }

        if (lines.IsCut)
            return "cut in mid-line";
        if (!hasTotal || cpus == 0)
            return "no cpu lines";
        if (!hasBootTime)
            return "no btime";
        statistics = new KernelStatistics(total, cpus, bootTime);
        return null;
    }
}
