using System;

namespace Appliance.Status;

/// <summary>Hands out the arrays of /proc/mdstat, one after the other; md(4), md_seq_show in the kernel's drivers/md/md.c.</summary>
/// <remarks>
/// <code>
/// Personalities : [raid1]
/// md6 : active raid1 sdb2[2](F) sdc[1](S) sda2[0]
///       195310144 blocks super 1.2 [2/1] [U_]
///       [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec
///       bitmap: 0/30 pages [0KB], 65536KB chunk
///
/// unused devices: &lt;none&gt;
/// </code>
/// An array has one line that begins in the first column; what belongs to it is indented. "[2/1]", required and working disks,
/// is missing with levels that have no spare ones, such as raid0.
/// </remarks>
internal ref struct RaidReader
{
    private LineReader _lines;
    private ReadOnlySpan<byte> _line; // read, and not yet part of an array

    public RaidReader(ReadOnlySpan<byte> text)
    {
        _lines = new LineReader(text);
        IsMalformed = false;
        NextLine();
    }

    /// <summary>After the last array: whether it is the last only because the text makes no sense from there on.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next array.</summary>
    /// <param name="name">Such as md127; a part of the text.</param>
    /// <param name="array">What the text says of it.</param>
    /// <returns>False at the end of the text, or where it makes no sense.</returns>
    public bool TryRead(out ReadOnlySpan<byte> name, out RaidArray array)
    {
        name = default;
        array = default;
        while (!IsArray(_line))
        {
            if (!NextLine())
            {
                IsMalformed |= _lines.IsCut;
                return false;
            }
        }
        if (TryReadHead(_line, out name, ref array) && TryReadRest(ref array))
            return true;
        IsMalformed = true;
        return false;
    }

    private static bool IsArray(ReadOnlySpan<byte> line) =>
        !line.IsEmpty && line[0] is not ((byte)' ' or (byte)'\t')
        && !line.StartsWith("Personalities"u8) && !line.StartsWith("unused"u8);

    private bool NextLine() => _lines.TryRead(out _line);

    private static bool TryReadHead(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, scoped ref RaidArray array)
    {
        FieldReader fields = new(line);
        if (!fields.TryRead(out name) || !fields.TryRead(out ReadOnlySpan<byte> colon) || !colon.SequenceEqual(":"u8)
            || !fields.TryRead(out ReadOnlySpan<byte> state))
        {
            return false;
        }
        array.IsActive = state.SequenceEqual("active"u8);
        array.DisksFailed = (ulong)line.Count("(F)"u8);
        array.DisksSpare = (ulong)line.Count("(S)"u8);
        // Of a level that prints no "[2/1]" each disk is needed.
        array.DisksRequired = array.DisksActive = array.IsActive ? (ulong)line.Count((byte)'[') : 0;
        return true;
    }

    private bool TryReadRest(scoped ref RaidArray array)
    {
        bool hasSize = false;
        while (NextLine() && !_line.IsEmpty && _line[0] is (byte)' ' or (byte)'\t')
        {
            FieldReader fields = new(_line);
            if (!fields.TryRead(out ReadOnlySpan<byte> first))
                break;
            if (!hasSize)
            {
                if (!FieldReader.TryParseNumber(first, out ulong blocks) || !TryReadDisks(fields, ref array))
                    return false;
                hasSize = true;
                array.Blocks = array.BlocksSynced = blocks;
            }
            else if (!first.StartsWith("bitmap:"u8) && !TryReadActivity(first, fields, ref array))
            {
                return false;
            }
        }
        return hasSize || !array.IsActive;
    }

    /// <summary>Finds "[2/1]" in the line of the size.</summary>
    private static bool TryReadDisks(FieldReader fields, scoped ref RaidArray array)
    {
        while (fields.TryRead(out ReadOnlySpan<byte> field))
        {
            int slash = field.IndexOf((byte)'/');
            if (slash < 0 || field[0] != (byte)'[' || !array.IsActive)
                continue;
            if (field[^1] != (byte)']' || !FieldReader.TryParseNumber(field[1..slash], out ulong required)
                || !FieldReader.TryParseNumber(field[(slash + 1)..^1], out ulong active))
            {
                return false;
            }
            array.DisksRequired = required;
            array.DisksActive = active;
        }
        return true;
    }

    /// <summary>Reads "[=>..]  check =  5.7% (114176/1993728) …", or "resync=DELAYED", PENDING and REMOTE, which have no numbers.</summary>
    private static bool TryReadActivity(ReadOnlySpan<byte> field, FieldReader fields, scoped ref RaidArray array)
    {
        do
        {
            int equals = field.IndexOf((byte)'=');
            RaidActivity activity = Activity(equals < 0 ? field : field[..equals]);
            if (activity != RaidActivity.None)
            {
                array.Activity = activity;
                array.BlocksSynced = 0;
                if (equals >= 0)
                    return true;
            }
            else if (array.Activity != RaidActivity.None && field[0] == (byte)'(')
            {
                int slash = field.IndexOf((byte)'/');
                if (slash < 0 || !FieldReader.TryParseNumber(field[1..slash], out ulong synced))
                    return false;
                array.BlocksSynced = synced;
                return true;
            }
        }
        while (fields.TryRead(out field));
        return array.Activity == RaidActivity.None; // of other lines nothing is known, nor wanted
    }

    private static RaidActivity Activity(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("recovery"u8) ? RaidActivity.Recovery
        : word.SequenceEqual("resync"u8) ? RaidActivity.Resync
        : word.SequenceEqual("check"u8) ? RaidActivity.Check
        : word.SequenceEqual("reshape"u8) ? RaidActivity.Reshape
        : RaidActivity.None;
}
