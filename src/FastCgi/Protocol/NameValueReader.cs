using System;
using System.Buffers.Binary;

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

    /// <summary>Reads from the start of <paramref name="source"/>.</summary>
    public NameValueReader(ReadOnlySpan<byte> source) => _source = source;

    /// <summary>How many bytes the pairs read so far take: the cursor, which only whole pairs move.</summary>
    public int Consumed { get; private set; }

    /// <summary>Whether nothing is left. False after <see cref="TryRead"/> gave false: the rest is not a whole pair.</summary>
    public readonly bool AtEnd => Consumed == _source.Length;

    /// <summary>Reads the next pair.</summary>
    /// <returns>False when no whole pair is left; the cursor then stays.</returns>
    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = _source[Consumed..];
        name = value = default;
        if (!TryReadLength(ref rest, out uint nameLength) || !TryReadLength(ref rest, out uint valueLength))
            return false;

        // Both lengths may be 0x7FFFFFFF: their sum is compared in 64 bits before anything is sliced (CVE-2025-23016).
        if ((ulong)nameLength + valueLength > (ulong)rest.Length)
            return false;

        name = rest[..(int)nameLength];
        value = rest.Slice((int)nameLength, (int)valueLength);
        Consumed = _source.Length - rest.Length + (int)nameLength + (int)valueLength;
        return true;
    }

    private static bool TryReadLength(ref ReadOnlySpan<byte> rest, out uint length)
    {
        length = 0;
        if (rest.IsEmpty)
            return false;
        if (rest[0] < 0x80)
        {
            length = rest[0];
            rest = rest[1..];
            return true;
        }
        if (rest.Length < sizeof(uint))
            return false;
        length = BinaryPrimitives.ReadUInt32BigEndian(rest) & 0x7FFF_FFFF;
        rest = rest[sizeof(uint)..];
        return true;
    }
}
