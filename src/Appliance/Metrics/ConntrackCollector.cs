using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>conntrack: connections the firewall knows, from /proc/sys/net/netfilter, and what happened to them, summed over CPUs.</summary>
/// <remarks>
/// /proc/net/stat/nf_conntrack has names in its first line and hexadecimal numbers in one line for each CPU; names came and
/// went with the kernels, and not every kernel has the file (CONFIG_NF_CONNTRACK_PROCFS). /proc/net/nf_conntrack itself is
/// deliberately not counted: with many connections that takes seconds.
/// </remarks>
internal sealed class ConntrackCollector(SourceFiles files) : ICollector
{
    private const int MaxColumns = 32; // Linux 6 has 17; what is behind them is not looked at

    private readonly SourceFile _count = files.InProc("sys/net/netfilter/nf_conntrack_count");
    private readonly SourceFile _most = files.InProc("sys/net/netfilter/nf_conntrack_max");
    private readonly SourceFile _statistics = files.InProc("net/stat/nf_conntrack", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer)
    {
        if (!_count.TryReadNumber(out long count) || !_most.TryReadNumber(out long most))
            return false;
        writer.Family(MetricType.Gauge, "node_nf_conntrack_entries"u8, "Connections that are tracked."u8);
        writer.Sample(count);
        writer.Family(MetricType.Gauge, "node_nf_conntrack_entries_limit"u8, "How many may be."u8);
        writer.Sample(most);
        if (!_statistics.TryRead(out ReadOnlySpan<byte> text))
            return _statistics.IsMissing;
        Span<ulong> sums = stackalloc ulong[MaxColumns];
        if (!TrySum(text, sums, out ReadOnlySpan<byte> heading))
            return false;
        Write(heading, sums, "found"u8, "node_nf_conntrack_stat_found"u8, "Searches that found a connection."u8, writer);
        Write(heading, sums, "invalid"u8, "node_nf_conntrack_stat_invalid"u8, "Packets that cannot be tracked."u8, writer);
        Write(heading, sums, "ignore"u8, "node_nf_conntrack_stat_ignore"u8, "Packets that are tracked already."u8, writer);
        Write(heading, sums, "insert"u8, "node_nf_conntrack_stat_insert"u8, "Connections put into the table."u8, writer);
        Write(heading, sums, "insert_failed"u8, "node_nf_conntrack_stat_insert_failed"u8, "Connections that could not be."u8, writer);
        Write(heading, sums, "drop"u8, "node_nf_conntrack_stat_drop"u8, "Packets dropped because that failed."u8, writer);
        Write(heading, sums, "early_drop"u8, "node_nf_conntrack_stat_early_drop"u8, "Connections dropped to make room."u8, writer);
        Write(heading, sums, "search_restart"u8, "node_nf_conntrack_stat_search_restart"u8, "Searches begun anew."u8, writer);
        return true;
    }

    /// <summary>Adds the lines of all CPUs up, column by column.</summary>
    private static bool TrySum(ReadOnlySpan<byte> text, Span<ulong> sums, out ReadOnlySpan<byte> heading)
    {
        LineReader lines = new(text);
        if (!lines.TryRead(out heading))
            return false;
        int columns = 0;
        for (FieldReader names = new(heading); columns < sums.Length && names.TryRead(out _);)
            columns++;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            FieldReader fields = new(line);
            for (int i = 0; i < columns; i++)
            {
                if (!fields.TryReadHexadecimal(out ulong number))
                    return false;
                sums[i] += number;
            }
        }
        return !lines.IsCut;
    }

    // A column that this kernel does not have is 0, as node_exporter says.
    private static void Write(
        ReadOnlySpan<byte> heading,
        ReadOnlySpan<ulong> sums,
        ReadOnlySpan<byte> column,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> help,
        ExpositionWriter writer)
    {
        FieldReader names = new(heading);
        int index = 0;
        while (index < sums.Length && names.TryRead(out ReadOnlySpan<byte> known) && !known.SequenceEqual(column))
            index++;
        writer.Family(MetricType.Gauge, name, help);
        writer.Sample(index < sums.Length ? sums[index] : 0);
    }
}
