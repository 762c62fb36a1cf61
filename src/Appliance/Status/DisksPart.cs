using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "disks": a list of the block devices of /proc/diskstats in the kernel's order, without memory, loops and partitions
/// (<see cref="DiskLine.IsIgnored"/>).
/// </summary>
internal static class DisksPart
{
    private const ulong SectorBytes = 512; // whatever the device's own are, Documentation/block/stat.rst

    // Places in DiskLine.Counters.
    private const int Reads = 0;
    private const int SectorsRead = 2;
    private const int Writes = 4;
    private const int SectorsWritten = 6;
    private const int BusyMilliseconds = 9;

    public static void Write(Utf8JsonWriter writer, StatusRoots roots, CounterHistory history, UnavailableParts unavailable)
    {
        string path = roots.InProc("diskstats");
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
        {
            unavailable.Add("disks", file.Error);
            return;
        }

        Span<ulong> counters = stackalloc ulong[DiskLine.MaxCounters];
        LineReader lines = new(file.Text);
        int firstBadLine = 0;
        CounterGrowth growth = history.Begin();
        writer.WriteStartArray("disks"u8);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!DiskLine.TryParse(line, counters, out DiskLine disk))
                firstBadLine = firstBadLine == 0 ? lines.LineNumber : firstBadLine;
            else if (!DiskLine.IsIgnored(disk.Name))
                WriteOne(writer, disk, growth);
        }
        writer.WriteEndArray();
        history.Keep(growth);

        if (firstBadLine != 0)
            unavailable.Add("disks", path, firstBadLine, "not a block device with its counters");
        if (lines.IsCut)
            unavailable.Add("disks", path, "cut in mid-line");
    }

    private static void WriteOne(Utf8JsonWriter writer, DiskLine disk, CounterGrowth growth)
    {
        ReadOnlySpan<ulong> now = disk.Counters;
        writer.WriteStartObject();
        writer.WriteString("name"u8, disk.Name);
        writer.WriteNumber("read_bytes"u8, now[SectorsRead] * SectorBytes);
        writer.WriteNumber("written_bytes"u8, now[SectorsWritten] * SectorBytes);
        writer.WriteNumber("reads"u8, now[Reads]);
        writer.WriteNumber("writes"u8, now[Writes]);
        ReadOnlySpan<ulong> before = growth.Add(disk.Name, now);
        if (!before.IsEmpty)
        {
            growth.WriteInterval(writer);
            growth.WriteRate(writer, "read_bytes_per_second"u8, before[SectorsRead], now[SectorsRead], SectorBytes);
            growth.WriteRate(writer, "written_bytes_per_second"u8, before[SectorsWritten], now[SectorsWritten], SectorBytes);
            growth.WriteRate(writer, "reads_per_second"u8, before[Reads], now[Reads]);
            growth.WriteRate(writer, "writes_per_second"u8, before[Writes], now[Writes]);
            if (now[BusyMilliseconds] >= before[BusyMilliseconds])
                growth.WritePercent(writer, "busy_percent"u8, now[BusyMilliseconds] - before[BusyMilliseconds]);
        }
        writer.WriteEndObject();
    }
}
