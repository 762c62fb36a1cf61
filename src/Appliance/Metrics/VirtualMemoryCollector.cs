using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>vmstat: the fields of /proc/vmstat about paging, swapping, faults and killed processes: "pgfault 2320168809".</summary>
internal sealed class VirtualMemoryCollector(SourceFiles files) : ICollector
{
    private const int MaxName = 128; // the longest field of Linux 6 has 35 characters

    private readonly SourceFile _file = files.InProc("vmstat", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text))
            return false;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (IsWanted(line) && !TryWrite(line, writer))
                return false;
        }
        return lines.LineNumber > 0 && !lines.IsCut;
    }

    private static bool TryWrite(ReadOnlySpan<byte> line, ExpositionWriter writer)
    {
        FieldReader fields = new(line);
        if (!fields.TryRead(out ReadOnlySpan<byte> field) || field.Length > MaxName || !fields.TryReadNumber(out ulong value))
            return false;
        MetricName name = new(stackalloc byte[MaxName + 16]);
        name.Append("node_vmstat_"u8);
        name.Append(field);
        writer.Family(MetricType.Untyped, name.Text, "A field of /proc/vmstat."u8);
        writer.Sample(value);
        return true;
    }

    // node_exporter's default: ^(oom_kill|pgpg|pswp|pg.*fault).*
    private static bool IsWanted(ReadOnlySpan<byte> line) =>
        line.StartsWith("oom_kill"u8) || line.StartsWith("pgpg"u8) || line.StartsWith("pswp"u8)
        || (line.StartsWith("pg"u8) && line.IndexOf("fault"u8) > 0);
}
