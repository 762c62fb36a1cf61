using System;
using System.Buffers.Text;

namespace Appliance.Access;

/// <summary>The value of a Host field, which also ends an origin: <c>uri-host [ ":" port ]</c> (RFC 9110 §7.2).</summary>
internal readonly ref struct HostField
{
    private const int MaxNameLength = 253; // RFC 1035 §2.3.4, as text

    private HostField(ReadOnlySpan<byte> name, bool isAddress, int? port)
    {
        Name = name;
        IsAddress = isAddress;
        Port = port;
    }

    /// <summary>A name of letters, digits, <c>-</c>, <c>_</c> and dots, or an address; one of IPv6 with its brackets.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Whether it is an IP address, which nobody's DNS can make to lead somewhere else.</summary>
    public bool IsAddress { get; }

    /// <summary>1 to 65535; null where none is said, which means the scheme's own.</summary>
    public int? Port { get; }

    /// <returns>False for anything else, such as two values that a front has joined.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out HostField host)
    {
        host = default;
        int end = value.StartsWith("["u8) ? value.IndexOf((byte)']') + 1 : value.IndexOf((byte)':');
        if (end < 0)
            end = value.Length;
        ReadOnlySpan<byte> name = value[..end];
        ReadOnlySpan<byte> rest = value[end..];
        int? port = null;
        if (!rest.IsEmpty)
        {
            if (rest[0] != ':' || !TryParsePort(rest[1..], out ushort number))
                return false;
            port = number;
        }
        bool isAddress = name is [(byte)'[', .., (byte)']'] ? IpLiteral.IsVersion6(name[1..^1]) : IpLiteral.IsVersion4(name);
        if (!isAddress && !IsName(name))
            return false;
        host = new HostField(name, isAddress, port);
        return true;
    }

    /// <summary>Digits only: the parser alone would take a sign in front, and stop at what is no digit.</summary>
    private static bool TryParsePort(ReadOnlySpan<byte> text, out ushort port)
    {
        port = 0;
        return !text.IsEmpty && char.IsAsciiDigit((char)text[0])
            && Utf8Parser.TryParse(text, out port, out int used) && used == text.Length
            && port > 0;
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (byte b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'-' or (byte)'_' or (byte)'.'))
                return false;
        }
        return name.Length is >= 1 and <= MaxNameLength;
    }
}
