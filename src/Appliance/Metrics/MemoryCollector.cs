using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>meminfo: every field of /proc/meminfo, proc_meminfo(5): "Active(anon):    68 kB", "HugePages_Total:  0".</summary>
/// <remarks>
/// "Active(anon): 68 kB" is node_memory_Active_anon_bytes; a field without a unit counts pages and has no "_bytes".
/// </remarks>
internal sealed class MemoryCollector(SourceFiles files) : ICollector
{
    private const int MaxName = 128; // the longest field of Linux 6 has 22 characters

    private readonly SourceFile _file = files.InProc("meminfo", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text))
            return false;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!TryWrite(line, writer))
                return false;
        }
        return lines.LineNumber > 0 && !lines.IsCut;
    }

    private static bool TryWrite(ReadOnlySpan<byte> line, ExpositionWriter writer)
    {
        int colon = line.IndexOf((byte)':');
        if (colon is < 1 or > MaxName)
            return false;
        FieldReader fields = new(line[(colon + 1)..]);
        if (!fields.TryReadNumber(out ulong value))
            return false;
        bool hasUnit = fields.TryRead(out ReadOnlySpan<byte> unit);
        if (hasUnit && (!unit.SequenceEqual("kB"u8) || value > ulong.MaxValue / 1024))
            return false;

        MetricName name = new(stackalloc byte[MaxName + 32]);
        name.Append("node_memory_"u8);
        foreach (byte b in line[..colon])
        {
            if (b != (byte)')')
                name.Append(b == (byte)'(' ? (byte)'_' : b);
        }
        if (hasUnit)
            name.Append("_bytes"u8);
        writer.Family(MetricType.Gauge, name.Text, "A field of /proc/meminfo."u8);
        writer.Sample(hasUnit ? value * 1024 : value);
        return true;
    }
}
