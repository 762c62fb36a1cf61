using System;
using System.Buffers.Binary;
using System.Globalization;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>Where a program listens on TCP: an address and a port, both in numbers.</summary>
public readonly record struct TcpAddress
{
    // struct sockaddr_in:  { u16 family; u16 port; u8 address[4]; u8 zero[8]; }                       ip(7)
    // struct sockaddr_in6: { u16 family; u16 port; u32 flow; u8 address[16]; u32 scope; }             ipv6(7)
    // The family is in the machine's byte order, all else as on the wire.
    private const int PortAt = 2;
    private const int Address4At = 4;
    private const int Address6At = 8;
    private const int SocketAddress4Length = 16;

    internal TcpAddress(IpAddress host, int port)
    {
        Host = host;
        Port = port;
    }

    /// <summary>The port; 0 lets the system choose one.</summary>
    public int Port { get; }

    internal IpAddress Host { get; }

    internal int Family => Host.IsVersion4 ? LibC.InternetFamily : LibC.Internet6Family;

    /// <summary>Reads <c>127.0.0.1:9000</c> or <c>[::1]:9000</c>.</summary>
    /// <returns>False when it is neither; names are not looked up.</returns>
    public static bool TryParse(string text, out TcpAddress address)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? "" : text[..colon];
        bool bracketed = host is ['[', .., ']'];
        if (bracketed)
            host = host[1..^1];
        // Brackets go with IPv6 (RFC 3986 §3.2.2): ::1:80 could be read in two ways.
        bool isHost = IpAddress.TryParse(host, out IpAddress parsed) && host.Contains(':') == bracketed;
        bool isPort = ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            && text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0; // TryParse takes zero bytes behind the digits
        address = new TcpAddress(parsed, port);
        return isHost && isPort;
    }

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.IsVersion4 ? $"{Host}" : $"[{Host}]")}:{Port}");

    /// <summary>From what the kernel gives; null when that is not TCP's.</summary>
    internal static TcpAddress? Read(ReadOnlySpan<byte> socketAddress)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[PortAt..]);
        return (int)BitConverter.ToUInt16(socketAddress) switch
        {
            LibC.InternetFamily => new TcpAddress(IpAddress.FromVersion4(socketAddress[Address4At..]), port),
            LibC.Internet6Family => new TcpAddress(IpAddress.FromVersion6(socketAddress[Address6At..]), port),
            _ => null,
        };
    }

    /// <summary>As the kernel wants it.</summary>
    internal byte[] ToSocketAddress()
    {
        byte[] address = new byte[Host.IsVersion4 ? SocketAddress4Length : LibC.LongestInternetAddress];
        BitConverter.TryWriteBytes(address, (ushort)Family);
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(PortAt), (ushort)Port);
        Host.Write(address.AsSpan(Host.IsVersion4 ? Address4At : Address6At));
        return address;
    }
}
