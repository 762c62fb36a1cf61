using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace FastCgi.Protocol;

/// <summary>Reads name-value pairs one after the other. FastCGI 1.0 §3.4.</summary>
/// <remarks>
/// <code>
/// +-------------+--------------+- - - -+- - - - +
/// | name length | value length | name  | value  |   a length below 128 is one byte 0xxxxxxx,
/// +-------------+--------------+- - - -+- - - - +   any other four bytes 1xxxxxxx …, big endian, 31 bits
/// </code>
/// Works on a whole stream put together: a pair may have been split over records anywhere.
/// </remarks>
public ref struct NameValueReader
{
    private readonly ReadOnlySpan<byte> _source;
    private int _consumed;

    /// <summary>Reads from the start of <paramref name="source"/>.</summary>
    public NameValueReader(ReadOnlySpan<byte> source) => _source = source;

    /// <summary>How many bytes the pairs read so far take: the cursor, which only whole pairs move.</summary>
    public readonly int Consumed => _consumed;

    /// <summary>Whether nothing is left. False after <see cref="TryRead"/> gave false: the rest is not a whole pair.</summary>
    public readonly bool AtEnd => Consumed == _source.Length;

    /// <summary>Reads the next pair.</summary>
    /// <returns>False when no whole pair is left; the cursor then stays.</returns>
    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (!TryReadPlace(out int nameStart, out int nameLength, out int valueLength))
        {
            name = value = default;
            return false;
        }
        name = _source.Slice(nameStart, nameLength);
        value = _source.Slice(nameStart + nameLength, valueLength);
        return true;
    }

    /// <summary>Reads where the next pair stands: the name, and directly behind it the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // once per pair of every request
    internal bool TryReadPlace(out int nameStart, out int nameLength, out int valueLength)
    {
        int at = _consumed;
        ReadOnlySpan<byte> source = _source;
        if ((uint)(at + 1) < (uint)source.Length && (source[at] | source[at + 1]) < 0x80)
        {
            nameLength = source[at]; // nearly every pair: both lengths are one byte
            valueLength = source[at + 1];
            nameStart = at + 2;
            if (nameLength + valueLength > source.Length - nameStart)
                return false;
            _consumed = nameStart + nameLength + valueLength;
            return true;
        }
        return TryReadLongPlace(out nameStart, out nameLength, out valueLength);
    }

    private bool TryReadLongPlace(out int nameStart, out int nameLength, out int valueLength)
    {
        nameStart = _consumed;
        nameLength = valueLength = 0;
        if (!TryReadLength(_source, ref nameStart, out uint first) || !TryReadLength(_source, ref nameStart, out uint second))
            return false;

        // Both lengths may be 0x7FFFFFFF: their sum is compared in 64 bits before it is used (CVE-2025-23016).
        if ((ulong)first + second > (ulong)(_source.Length - nameStart))
            return false;
        nameLength = (int)first;
        valueLength = (int)second;
        _consumed = nameStart + nameLength + valueLength;
        return true;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> source, ref int at, out uint length)
    {
        length = 0;
        if (at >= source.Length)
            return false;
        if (source[at] < 0x80)
        {
            length = source[at++];
            return true;
        }
        if (source.Length - at < sizeof(uint))
            return false;
        length = BinaryPrimitives.ReadUInt32BigEndian(source[at..]) & 0x7FFF_FFFF;
        at += sizeof(uint);
        return true;
    }
}
