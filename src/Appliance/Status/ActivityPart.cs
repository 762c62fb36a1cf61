using System;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>How long and how hard the device works: "uptime_seconds", "load", "boot_time_unix_seconds" and "cpu".</summary>
internal static class ActivityPart
{
    public static void WriteUptime(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable)
    {
        string path = roots.InProc("uptime");
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
            unavailable.Add("uptime_seconds", file.Error);
        else if (!Uptime.TryParse(file.Text, out Hundredths seconds))
            unavailable.Add("uptime_seconds", path, "not a line with a number of seconds");
        else
            seconds.Write(writer, "uptime_seconds"u8);
    }

    public static void WriteLoad(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable)
    {
        string path = roots.InProc("loadavg");
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
        {
            unavailable.Add("load", file.Error);
        }
        else if (!LoadAverage.TryParse(file.Text, out LoadAverage load))
        {
            unavailable.Add("load", path, "not a line with three averages");
        }
        else
        {
            writer.WriteStartObject("load"u8);
            load.OneMinute.Write(writer, "1m"u8);
            load.FiveMinutes.Write(writer, "5m"u8);
            load.FifteenMinutes.Write(writer, "15m"u8);
            writer.WriteEndObject();
        }
    }

    public static void WriteBootTime(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable)
    {
        using KernelFile file = KernelFile.Read(roots.InProc("stat"));
        if (TryParse(file, roots, "boot_time_unix_seconds", unavailable, out KernelStatistics statistics))
            writer.WriteNumber("boot_time_unix_seconds"u8, statistics.BootTime);
    }

    public static void WriteCpu(Utf8JsonWriter writer, StatusRoots roots, CounterHistory history, UnavailableParts unavailable)
    {
        using KernelFile file = KernelFile.Read(roots.InProc("stat"));
        if (!TryParse(file, roots, "cpu", unavailable, out KernelStatistics statistics))
            return;

        CounterGrowth growth = history.Begin();
        writer.WriteStartObject("cpu"u8);
        writer.WriteNumber("count"u8, statistics.CpuCount);
        writer.WriteStartObject("total"u8);
        statistics.Total.WriteMembers(writer);
        WriteUsage(writer, statistics.Total, growth);
        writer.WriteEndObject();
        writer.WriteStartArray("cpus"u8);
        LineReader lines = new(file.Text);
        while (lines.TryRead(out var line))
        {
            if (!CpuTimes.TryParse(line, out CpuTimes times) || times.Cpu == CpuTimes.AllCpus)
                continue;
            writer.WriteStartObject();
            writer.WriteNumber("cpu"u8, times.Cpu);
            times.WriteMembers(writer);
            WriteUsage(writer, times, growth);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        history.Keep(growth);
    }

    private static bool TryParse(
        in KernelFile file, StatusRoots roots, string part, UnavailableParts unavailable, out KernelStatistics statistics)
    {
        statistics = default;
        string? fault = file.Error is null ? KernelStatistics.Parse(file.Text, out statistics) : null;
        if (file.Error is not null)
            unavailable.Add(part, file.Error);
        else if (fault is not null)
            unavailable.Add(part, roots.InProc("stat"), fault);
        return file.Error is null && fault is null;
    }

    private static void WriteUsage(Utf8JsonWriter writer, CpuTimes times, CounterGrowth growth)
    {
        int cpu = times.Cpu;
        ReadOnlySpan<byte> name = MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in cpu));
        ReadOnlySpan<ulong> before = growth.Add(name, [times.BusyTicks, times.IdleTicks]);
        if (before.IsEmpty || times.BusyTicks < before[0])
            return;
        if (cpu == CpuTimes.AllCpus)
            growth.WriteInterval(writer);
        ulong busy = times.BusyTicks - before[0];
        ulong idle = times.IdleTicks - Math.Min(times.IdleTicks, before[1]); // may go back: it is an estimate
        CounterGrowth.WritePercent(writer, "usage_percent"u8, busy, busy + idle);
    }
}
