using System;

namespace Appliance.Status;

/// <summary>
/// What one block device did since boot: a line of /proc/diskstats, kernel Documentation/admin-guide/iostats.rst:
/// "8 0 sda 25354637 34367663 1003346126 18492372 …", that is major and minor number, name, then the counters.
/// </summary>
internal readonly ref struct DiskLine
{
    /// <summary>
    /// Counters of Linux 5.5 on: reads, merged, sectors, ms; writes, merged, sectors, ms; I/Os now, ms, weighted ms; discards, merged,
    /// sectors, ms (4.18); flushes, ms (5.5).
    /// </summary>
    public const int MaxCounters = 17;

    private const int LeastCounters = 11; // Linux 2.6.25 on, for partitions too

    private DiskLine(uint major, uint minor, ReadOnlySpan<byte> name, ReadOnlySpan<ulong> counters)
    {
        Major = major;
        Minor = minor;
        Name = name;
        Counters = counters;
    }

    public uint Major { get; }

    public uint Minor { get; }

    public ReadOnlySpan<byte> Name { get; }

    /// <summary>As many as the kernel has.</summary>
    public ReadOnlySpan<ulong> Counters { get; }

    /// <param name="line">Without its newline.</param>
    /// <param name="counters">Room for <see cref="MaxCounters"/>, which the result keeps using.</param>
    /// <param name="disk">Only where true is returned.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, Span<ulong> counters, out DiskLine disk)
    {
        disk = default;
        FieldReader fields = new(line);
        if (!fields.TryReadNumber(out ulong major) || major > uint.MaxValue || !fields.TryReadNumber(out ulong minor)
            || minor > uint.MaxValue || !fields.TryRead(out ReadOnlySpan<byte> name))
        {
            return false;
        }
        int count = 0;
        while (count < MaxCounters && fields.TryReadNumber(out counters[count]))
            count++;
        // Kernels to come may have more numbers, but only numbers.
        if (count < LeastCounters || (fields.TryRead(out ReadOnlySpan<byte> next) && !FieldReader.TryParseNumber(next, out _)))
            return false;
        disk = new DiskLine((uint)major, (uint)minor, name, counters[..count]);
        return true;
    }

    /// <summary>
    /// Whether dashboards do without the device, by node_exporter's default
    /// <c>^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$</c>: memory, loops, floppies, partitions.
    /// </summary>
    public static bool IsIgnored(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> stem = name.TrimEnd("0123456789"u8);
        if (stem.Length == name.Length)
            return false;
        if (stem.SequenceEqual("ram"u8) || stem.SequenceEqual("zram"u8) || stem.SequenceEqual("loop"u8) || stem.SequenceEqual("fd"u8))
            return true;
        if (stem is [.. var kind, >= (byte)'a' and <= (byte)'z'])
        {
            if (kind.SequenceEqual("hd"u8) || kind.SequenceEqual("sd"u8) || kind.SequenceEqual("vd"u8) || kind.SequenceEqual("xvd"u8))
                return true;
        }
        if (!stem.StartsWith("nvme"u8) || !stem.EndsWith("p"u8))
            return false;
        ReadOnlySpan<byte> numbers = stem["nvme".Length..^1]; // "0n1"
        ReadOnlySpan<byte> drive = numbers.TrimEnd("0123456789"u8);
        return drive.Length < numbers.Length && drive is [.. var controller, (byte)'n']
            && !controller.IsEmpty && controller.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }
}
