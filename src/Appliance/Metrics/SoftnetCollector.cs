using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>softnet: what each CPU did with received packets, from /proc/net/softnet_stat; net/core/net-procfs.c.</summary>
/// <remarks>
/// A line of hexadecimal numbers for each CPU that is online: processed, dropped, time_squeeze, five zeros, cpu_collision,
/// received_rps (Linux 2.6.36), flow_limit_count (3.11), backlog length and CPU number (5.10). Older kernels number by lines.
/// </remarks>
internal sealed class SoftnetCollector(SourceFiles files) : ICollector
{
    private const int ColumnCount = 13;
    private const int LeastColumns = 9;
    private const int CpuColumn = 12;

    private readonly SourceFile _file = files.InProc("net/softnet_stat", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text))
            return false;
        return Write(text, 0, MetricType.Counter, "node_softnet_processed_total"u8, "Packets processed."u8, writer)
            && Write(text, 1, MetricType.Counter, "node_softnet_dropped_total"u8, "Packets dropped, the backlog was full."u8, writer)
            && Write(text, 2, MetricType.Counter, "node_softnet_times_squeezed_total"u8, "Times its budget or time ran out."u8, writer)
            && Write(text, 8, MetricType.Counter, "node_softnet_cpu_collision_total"u8, "Collisions over a transmitter's lock."u8, writer)
            && Write(text, 9, MetricType.Counter, "node_softnet_received_rps_total"u8, "Times another CPU handed it packets."u8, writer)
            && Write(text, 10, MetricType.Counter, "node_softnet_flow_limit_count_total"u8, "Times a flow reached its limit."u8, writer)
            && Write(text, 11, MetricType.Gauge, "node_softnet_backlog_len"u8, "Packets waiting to be processed."u8, writer);
    }

    private static bool Write(
        ReadOnlySpan<byte> text, int column, MetricType type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer)
    {
        Span<ulong> columns = stackalloc ulong[ColumnCount];
        writer.Family(type, name, help);
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            FieldReader fields = new(line);
            int count = 0;
            while (count < ColumnCount && fields.TryReadHexadecimal(out ulong number))
                columns[count++] = number;
            if (count < LeastColumns)
                return false;
            columns[count..].Clear();
            ulong cpu = count > CpuColumn ? columns[CpuColumn] : (ulong)lines.LineNumber - 1;
            // 12 columns are a kernel that never was: the last of them is not known to be the backlog.
            writer.Label("cpu"u8, (long)cpu).Sample(column == CpuColumn - 1 && count <= CpuColumn ? 0 : columns[column]);
        }
        return lines.LineNumber > 0 && !lines.IsCut;
    }
}
