using System.Text.Json;

namespace Appliance.Status;

/// <summary>How long and how hard the device works: "uptime_seconds", "load", "boot_time_unix_seconds" and "cpu".</summary>
internal static class ActivityPart
{
    public static void Write(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable)
    {
        WriteUptime(writer, roots.InProc("uptime"), unavailable);
        WriteLoad(writer, roots.InProc("loadavg"), unavailable);
        WriteCpu(writer, roots.InProc("stat"), unavailable);
    }

    private static void WriteUptime(Utf8JsonWriter writer, string path, UnavailableParts unavailable)
    {
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
            unavailable.Add("uptime_seconds", file.Error);
        else if (!Uptime.TryParse(file.Text, out Hundredths seconds))
            unavailable.Add("uptime_seconds", path, "not a line with a number of seconds");
        else
            seconds.Write(writer, "uptime_seconds"u8);
    }

    private static void WriteLoad(Utf8JsonWriter writer, string path, UnavailableParts unavailable)
    {
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

    private static void WriteCpu(Utf8JsonWriter writer, string path, UnavailableParts unavailable)
    {
        using KernelFile file = KernelFile.Read(path);
        KernelStatistics statistics = default;
        string? fault = file.Error is null ? KernelStatistics.Parse(file.Text, out statistics) : null;
        if (file.Error is not null || fault is not null)
        {
            string reason = file.Error ?? string.Concat(path, ": ", fault);
            unavailable.Add("boot_time_unix_seconds", reason);
            unavailable.Add("cpu", reason);
            return;
        }

        writer.WriteNumber("boot_time_unix_seconds"u8, statistics.BootTime);
        writer.WriteStartObject("cpu"u8);
        writer.WriteNumber("count"u8, statistics.CpuCount);
        writer.WriteStartObject("total"u8);
        statistics.Total.WriteMembers(writer);
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
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
