using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// What went through one network interface since it appeared: a line of /proc/net/dev, proc_pid_net(5):
/// "  eth0: bytes packets errs drop fifo frame compressed multicast bytes packets errs drop fifo colls carrier compressed".
/// </summary>
/// <remarks>
/// Some columns are sums the kernel makes (net/core/net-procfs.c): received "drop" includes packets missed by the hardware,
/// "frame" is length, overrun, CRC and frame errors together. On 32-bit kernels old drivers wrap at 4 GiB.
/// </remarks>
internal readonly ref struct InterfaceCounters
{
    private readonly ReadOnlySpan<ulong> _columns;

    private InterfaceCounters(ReadOnlySpan<byte> name, ReadOnlySpan<ulong> columns)
    {
        Name = name;
        _columns = columns;
    }

    /// <summary>How many numbers a line has: eight received, eight sent.</summary>
    public const int ColumnCount = 16;

    /// <summary>How many lines of headings stand above the first interface.</summary>
    public const int HeadingLines = 2;

    /// <summary>The interface as the kernel names it: any bytes but '/', blanks and NUL, so not necessarily UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>All the numbers, in the order of the line.</summary>
    public ReadOnlySpan<ulong> Columns => _columns;

    public ulong ReceivedBytes => _columns[0];

    public ulong TransmittedBytes => _columns[8];

    /// <summary>Reads one line below the headings.</summary>
    /// <param name="line">The line without its newline.</param>
    /// <param name="columns">Room for <see cref="ColumnCount"/> numbers, which the result keeps using.</param>
    /// <param name="counters">The counters; only where true is returned.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, Span<ulong> columns, out InterfaceCounters counters)
    {
        counters = default;
        // The last colon: an old alias ("eth0:1") has one in its name, and numbers have none. No blank need follow it.
        int colon = line.LastIndexOf((byte)':');
        if (colon < 0)
            return false;
        ReadOnlySpan<byte> name = line[..colon].TrimStart((byte)' ');
        if (name.IsEmpty)
            return false;

        FieldReader fields = new(line[(colon + 1)..]);
        for (int i = 0; i < ColumnCount; i++)
        {
            if (!fields.TryReadNumber(out columns[i]))
                return false;
        }
        counters = new InterfaceCounters(name, columns[..ColumnCount]);
        return true;
    }

    /// <summary>Writes the members "receive" and "transmit", with rates where <paramref name="growth"/> knows earlier counters.</summary>
    public void WriteMembers(Utf8JsonWriter writer, CounterGrowth growth)
    {
        ReadOnlySpan<ulong> before = growth.Add(Name, _columns);
        if (!before.IsEmpty)
            growth.WriteInterval(writer);
        writer.WriteStartObject("receive"u8);
        WriteCommon(writer, _columns);
        if (!before.IsEmpty)
            WriteRates(writer, growth, before, _columns);
        writer.WriteNumber("frame_errors"u8, _columns[5]);
        writer.WriteNumber("compressed_packets"u8, _columns[6]);
        writer.WriteNumber("multicast_packets"u8, _columns[7]);
        writer.WriteEndObject();

        writer.WriteStartObject("transmit"u8);
        WriteCommon(writer, _columns[8..]);
        if (!before.IsEmpty)
            WriteRates(writer, growth, before[8..], _columns[8..]);
        writer.WriteNumber("collisions"u8, _columns[13]);
        writer.WriteNumber("carrier_errors"u8, _columns[14]);
        writer.WriteNumber("compressed_packets"u8, _columns[15]);
        writer.WriteEndObject();
    }

    private static void WriteCommon(Utf8JsonWriter writer, ReadOnlySpan<ulong> columns)
    {
        writer.WriteNumber("bytes"u8, columns[0]);
        writer.WriteNumber("packets"u8, columns[1]);
        writer.WriteNumber("errors"u8, columns[2]);
        writer.WriteNumber("dropped"u8, columns[3]);
        writer.WriteNumber("fifo_errors"u8, columns[4]);
    }

    private static void WriteRates(Utf8JsonWriter writer, CounterGrowth growth, ReadOnlySpan<ulong> before, ReadOnlySpan<ulong> columns)
    {
        growth.WriteRate(writer, "bytes_per_second"u8, before[0], columns[0]);
        growth.WriteRate(writer, "packets_per_second"u8, before[1], columns[1]);
    }
}
