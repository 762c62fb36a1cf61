using System;
using System.Buffers.Binary;

namespace FastCgi.Protocol;

/// <summary>Writes name-value pairs one after the other, each length in its shortest form. FastCGI 1.0 §3.4.</summary>
public ref struct NameValueWriter
{
    private readonly Span<byte> _destination;

    /// <summary>Writes from the start of <paramref name="destination"/>.</summary>
    public NameValueWriter(Span<byte> destination) => _destination = destination;

    /// <summary>How many bytes the pairs written so far take.</summary>
    public int Written { get; private set; }

    /// <summary>The bytes a pair takes on the wire.</summary>
    public static int LengthOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        LengthOfLength(name.Length) + LengthOfLength(value.Length) + name.Length + value.Length;

    /// <summary>Writes a pair.</summary>
    /// <returns>False when it does not fit; nothing is written then.</returns>
    public bool TryWrite(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        Span<byte> rest = _destination[Written..];
        if ((long)name.Length + value.Length + 2 * sizeof(uint) > int.MaxValue || LengthOf(name, value) > rest.Length)
            return false;

        WriteLength(ref rest, name.Length);
        WriteLength(ref rest, value.Length);
        name.CopyTo(rest);
        value.CopyTo(rest[name.Length..]);
        Written += LengthOf(name, value);
        return true;
    }

    private static int LengthOfLength(int length) => length < 0x80 ? 1 : sizeof(uint);

    private static void WriteLength(ref Span<byte> rest, int length)
    {
        if (length < 0x80)
            rest[0] = (byte)length;
        else
            BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)length | 0x8000_0000);
        rest = rest[LengthOfLength(length)..];
    }
}
