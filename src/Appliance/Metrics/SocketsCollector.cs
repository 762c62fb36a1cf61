using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>sockstat: sockets by protocol, from /proc/net/sockstat and sockstat6: "TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1".</summary>
/// <remarks>A kernel without IPv4 or IPv6 lacks the file, which is no fault.</remarks>
internal sealed class SocketsCollector(SourceFiles files) : ICollector
{
    private const int MaxName = 128;

    private readonly SourceFile _file = files.InProc("net/sockstat", hasShortRecords: true);
    private readonly SourceFile _file6 = files.InProc("net/sockstat6", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer) => Collect(_file, writer) && Collect(_file6, writer);

    private static bool Collect(SourceFile file, ExpositionWriter writer)
    {
        if (!file.TryRead(out ReadOnlySpan<byte> text))
            return file.IsMissing;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!TryWrite(line, writer))
                return false;
        }
        return !lines.IsCut;
    }

    private static bool TryWrite(ReadOnlySpan<byte> line, ExpositionWriter writer)
    {
        int colon = line.IndexOf((byte)':');
        if (colon is < 1 or > MaxName)
            return false;
        ReadOnlySpan<byte> protocol = line[..colon];
        FieldReader fields = new(line[(colon + 1)..]);
        while (fields.TryRead(out ReadOnlySpan<byte> field))
        {
            if (field.Length > MaxName || !fields.TryReadNumber(out ulong value))
                return false;
            Write(protocol, field, value, writer);
            // The kernel counts the memory of a protocol's buffers in pages.
            if (field.SequenceEqual("mem"u8))
                Write(protocol, "mem_bytes"u8, value * (ulong)Environment.SystemPageSize, writer);
        }
        return true;
    }

    private static void Write(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> field, ulong value, ExpositionWriter writer)
    {
        MetricName name = new(stackalloc byte[(2 * MaxName) + 32]);
        name.Append("node_sockstat_"u8);
        name.Append(protocol);
        name.Append((byte)'_');
        name.Append(field);
        writer.Family(MetricType.Gauge, name.Text, "A field of /proc/net/sockstat or sockstat6."u8);
        writer.Sample(value);
    }
}
