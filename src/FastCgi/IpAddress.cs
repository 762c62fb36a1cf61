using System;
using System.Buffers.Binary;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>An IPv4 or IPv6 address. One of IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), so it equals itself however it came.</summary>
internal readonly record struct IpAddress(UInt128 Bits)
{
    /// <summary>The address's length in bytes.</summary>
    public const int Length = 16;

    private const int Length4 = 4;
    private static readonly UInt128 Mapped = (UInt128)0xFFFF << 32; // ::ffff:0.0.0.0

    /// <summary>Whether it is one of IPv4.</summary>
    public bool IsVersion4 => (Bits & ~(UInt128)uint.MaxValue) == Mapped;

    /// <summary>Whether only programs on this device can have it: 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsVersion4 ? (byte)(Bits >> 24) == 127 : Bits == 1;

    /// <summary>Reads 1.2.3.4 or 2001:db8::1; no names, no short or octal forms, no zones.</summary>
    public static bool TryParse(string text, out IpAddress address)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (LibC.TryParseAddress(LibC.InternetFamily, text, bytes))
            address = FromVersion4(bytes);
        else if (LibC.TryParseAddress(LibC.Internet6Family, text, bytes))
            address = FromVersion6(bytes);
        else
        {
            address = default;
            return false;
        }
        return true;
    }

    /// <summary>From 4 bytes as they stand on the wire.</summary>
    public static IpAddress FromVersion4(ReadOnlySpan<byte> bytes) => new(Mapped | BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>From 16 bytes as they stand on the wire.</summary>
    public static IpAddress FromVersion6(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Its 4 or 16 bytes as they stand on the wire.</summary>
    /// <returns>How many were written.</returns>
    public int Write(Span<byte> bytes)
    {
        if (IsVersion4)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Bits);
        else
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return IsVersion4 ? Length4 : Length;
    }

    /// <summary>The usual form.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        int length = Write(bytes);
        return LibC.FormatAddress(length == Length4 ? LibC.InternetFamily : LibC.Internet6Family, bytes);
    }
}
