using System;

namespace Appliance.Status;

/// <summary>Memory and swap in bytes, from /proc/meminfo; proc_meminfo(5): "MemTotal:    249528 kB", where kB is 1024.</summary>
internal struct MemoryInfo
{
    public ulong TotalBytes { get; private set; }

    public ulong FreeBytes { get; private set; }

    /// <summary>What programs could get without swapping, as the kernel estimates it; null before Linux 3.14.</summary>
    public ulong? AvailableBytes { get; private set; }

    public ulong BuffersBytes { get; private set; }

    public ulong CachedBytes { get; private set; }

    /// <summary>0 where there is no swap.</summary>
    public ulong SwapTotalBytes { get; private set; }

    public ulong SwapFreeBytes { get; private set; }

    /// <returns>Null, or what is wrong with the text. Fields that are not used here may have any form.</returns>
    public static string? Parse(ReadOnlySpan<byte> text, out MemoryInfo memory)
    {
        memory = default;
        Found found = Found.None;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            int colon = line.IndexOf((byte)':');
            Found field = colon < 0 ? Found.None : Recognise(line[..colon]);
            if (field == Found.None)
                continue;
            if (!TryParseKibibytes(line[(colon + 1)..], out ulong bytes))
                return "a field is not a number of kB";
            memory.Set(field, bytes);
            found |= field;
        }

        if (lines.IsCut)
            return "cut in mid-line";
        // Written by every kernel, in this order: one that is missing means that the text was cut.
        return (found & Found.Required) == Found.Required ? null : "a field is missing";
    }

    private static bool TryParseKibibytes(ReadOnlySpan<byte> text, out ulong bytes)
    {
        FieldReader fields = new(text);
        bytes = 0;
        if (!fields.TryReadNumber(out ulong kibibytes) || kibibytes > ulong.MaxValue / 1024
            || !fields.TryRead(out ReadOnlySpan<byte> unit) || !unit.SequenceEqual("kB"u8))
        {
            return false;
        }
        bytes = kibibytes * 1024;
        return true;
    }

    private static Found Recognise(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("MemTotal"u8))
            return Found.Total;
        if (name.SequenceEqual("MemFree"u8))
            return Found.Free;
        if (name.SequenceEqual("MemAvailable"u8))
            return Found.Available;
        if (name.SequenceEqual("Buffers"u8))
            return Found.Buffers;
        if (name.SequenceEqual("Cached"u8))
            return Found.Cached;
        if (name.SequenceEqual("SwapTotal"u8))
            return Found.SwapTotal;
        return name.SequenceEqual("SwapFree"u8) ? Found.SwapFree : Found.None;
    }

    private void Set(Found field, ulong bytes)
    {
        switch (field)
        {
            case Found.Total:
                TotalBytes = bytes;
                break;
            case Found.Free:
                FreeBytes = bytes;
                break;
            case Found.Available:
                AvailableBytes = bytes;
                break;
            case Found.Buffers:
                BuffersBytes = bytes;
                break;
            case Found.Cached:
                CachedBytes = bytes;
                break;
            case Found.SwapTotal:
                SwapTotalBytes = bytes;
                break;
            case Found.SwapFree:
                SwapFreeBytes = bytes;
                break;
        }
    }

    [Flags]
    private enum Found
    {
        None = 0,
        Total = 1,
        Free = 2,
        Available = 4,
        Buffers = 8,
        Cached = 16,
        SwapTotal = 32,
        SwapFree = 64,
        Required = Total | Free | Buffers | Cached | SwapTotal | SwapFree,
    }
}
