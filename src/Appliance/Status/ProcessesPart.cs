using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Appliance.Metrics;

namespace Appliance.Status;

/// <summary>
/// The member "processes": how many there are, those with the most CPU time since an earlier answer, and those with the most memory. What
/// ends while it is looked at is not there. Where /proc shows users only their own (hidepid), those are all, and "unavailable" says so.
/// </summary>
internal static class ProcessesPart
{
    private const int LongestText = 1024; // 52 numbers and a name

    public static void Write(Utf8JsonWriter writer, StatusRoots roots, StatusOptions options, CounterHistory history, UnavailableParts unavailable)
    {
        List<Entry> processes = [];
        CounterGrowth growth = history.Begin();
        string path = roots.InProc("");
        if (!TryScan(path, options.ScannedProcesses, growth, processes, out bool isWhole))
        {
            unavailable.Add("processes", path, "cannot be listed");
            return;
        }
        history.Keep(growth);
        if (!isWhole)
            unavailable.Add("processes", path, $"more than {options.ScannedProcesses} processes, the others are not looked at");

        else if (processes.Count > 0 && !processes.Exists(static process => process.Id == 1))
            unavailable.Add("processes", path, "the first process is not shown, nor perhaps are others that belong to other users (hidepid)");

        writer.WriteStartObject("processes"u8);
        writer.WriteNumber("count"u8, processes.Count);
        if (growth.HasEarlier)
        {
            growth.WriteInterval(writer);
            processes.Sort(static (a, b) => b.CpuTicksGrown.CompareTo(a.CpuTicksGrown));
            WriteTop(writer, "by_cpu"u8, processes, options.TopProcesses, growth);
        }
        processes.Sort(static (a, b) => b.ResidentBytes.CompareTo(a.ResidentBytes));
        WriteTop(writer, "by_memory"u8, processes, options.TopProcesses, growth);
        writer.WriteEndObject();
    }

    private static bool TryScan(string proc, int most, CounterGrowth growth, List<Entry> found, out bool isWhole)
    {
        isWhole = true;
        using SourceFolder.Listing listing = new SourceFolder(Encoding.UTF8.GetBytes(proc + "\0")).List();
        Span<byte> buffer = stackalloc byte[LongestText];
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            if (name[0] is < (byte)'1' or > (byte)'9')
                continue;
            if (found.Count >= most)
            {
                isWhole = false;
                break;
            }
            if (SysfsAttribute.TryRead($"{proc}{Encoding.ASCII.GetString(name)}/stat", buffer, out ReadOnlySpan<byte> text)
                && ProcessLine.TryParse(text, out ProcessLine process))
                found.Add(Entry.Of(process, growth));
        }
        return listing.Exists;
    }

    private static void WriteTop(Utf8JsonWriter writer, ReadOnlySpan<byte> member, List<Entry> processes, int most, CounterGrowth growth)
    {
        writer.WriteStartArray(member);
        foreach (Entry process in CollectionsMarshal.AsSpan(processes)[..Math.Min(most, processes.Count)])
        {
            writer.WriteStartObject();
            writer.WriteNumber("pid"u8, process.Id);
            writer.WriteString("name"u8, process.Name);
            if (growth.HasEarlier)
                growth.WriteCpuPercent(writer, "cpu_percent"u8, new Hundredths(process.CpuTicksGrown));
            new Hundredths(process.CpuTicks).Write(writer, "cpu_seconds"u8);
            writer.WriteNumber("resident_bytes"u8, process.ResidentBytes);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private sealed record Entry(ulong Id, byte[] Name, ulong CpuTicks, ulong CpuTicksGrown, ulong ResidentBytes)
    {
        public static Entry Of(ProcessLine process, CounterGrowth growth)
        {
            _ = FieldReader.TryParseNumber(process.Id, out ulong id); // it is a name of /proc that begins with a digit
            ReadOnlySpan<ulong> before = growth.Add(process.Id, [process.CpuTicks, process.StartedAt]);
            // One that began since then has used all its time since then.
            ulong earlier = !before.IsEmpty && before[1] == process.StartedAt ? before[0] : 0;
            return new Entry(
                id,
                process.Name.ToArray(),
                process.CpuTicks,
                process.CpuTicks - Math.Min(earlier, process.CpuTicks),
                process.ResidentPageCount * (ulong)Environment.SystemPageSize);
        }
    }
}
