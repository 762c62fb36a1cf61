using System;
using System.Net;

namespace Appliance.Status;

/// <summary>One route of the kernel's main tables.</summary>
internal ref struct RouteLine
{
    private const ulong UpFlag = 0x1; // RTF_UP, include/uapi/linux/route.h
    private const ulong GatewayFlag = 0x2; // RTF_GATEWAY
    private const ulong RejectFlag = 0x200; // RTF_REJECT
    private const ulong AnycastFlag = 0x00100000; // RTF_ANYCAST, include/uapi/linux/ipv6_route.h
    private const ulong LocalFlag = 0x80000000; // RTF_LOCAL

    private ulong _flags;
    private ulong _network; // of an IPv4 route, as its line has it, like the mask
    private ulong _mask;
    private IPAddress? _destination;

    public ReadOnlySpan<byte> Interface { get; private set; }

    public readonly IPAddress Destination => _destination ?? new IPAddress((long)_network);

    public int PrefixLength { get; private set; }

    /// <summary>Null for what is reached directly.</summary>
    public IPAddress? Gateway { get; private set; }

    public ulong Metric { get; private set; }

    /// <summary>Whether packets take it: it is up, refuses nothing, and is none of those that only say which addresses are the device's own.</summary>
    public readonly bool IsUsed => (_flags & UpFlag) != 0 && (_flags & (RejectFlag | LocalFlag | AnycastFlag)) == 0;

    /// <summary>Whether an IPv4 route leads to an address, which is given as the machine holds it in network order.</summary>
    public readonly bool LeadsTo(uint address) => ((address ^ _network) & _mask) == 0;

    /// <summary>
    /// Reads a line below the heading of /proc/net/route, proc_pid_net(5):
    /// "eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0"; addresses as the machine
    /// prints a number that it holds in network order, which is what IPAddress takes.
    /// </summary>
    public static bool TryParseIPv4(ReadOnlySpan<byte> line, out RouteLine route)
    {
        route = default;
        FieldReader fields = new(line);
        if (!fields.TryRead(out ReadOnlySpan<byte> device) || !fields.TryReadHexadecimal(out ulong destination)
            || !fields.TryReadHexadecimal(out ulong gateway) || !fields.TryReadHexadecimal(out ulong flags)
            || !fields.TryReadNumber(out _) || !fields.TryReadNumber(out _) || !fields.TryReadNumber(out ulong metric)
            || !fields.TryReadHexadecimal(out ulong mask) || (destination | gateway | mask) > uint.MaxValue)
        {
            return false;
        }
        route.Interface = device;
        (route._network, route._mask) = (destination, mask);
        route.PrefixLength = System.Numerics.BitOperations.PopCount(mask);
        route.Gateway = (flags & GatewayFlag) != 0 ? new IPAddress((long)gateway) : null;
        route.Metric = metric;
        route._flags = flags;
        return true;
    }

    /// <summary>
    /// Reads a line of /proc/net/ipv6_route, rt6_info_route in the kernel's net/ipv6/route.c: "destination 40 source 00 gateway metric
    /// references uses flags device", all but the device in hexadecimal.
    /// </summary>
    public static bool TryParseIPv6(ReadOnlySpan<byte> line, out RouteLine route)
    {
        route = default;
        FieldReader fields = new(line);
        if (!TryReadAddress(ref fields, out IPAddress? destination) || !fields.TryReadHexadecimal(out ulong prefix) || prefix > 128
            || !TryReadAddress(ref fields, out _) || !fields.TryReadHexadecimal(out _)
            || !TryReadAddress(ref fields, out IPAddress? gateway) || !fields.TryReadHexadecimal(out ulong metric)
            || !fields.TryReadHexadecimal(out _) || !fields.TryReadHexadecimal(out _) || !fields.TryReadHexadecimal(out ulong flags)
            || !fields.TryRead(out ReadOnlySpan<byte> device))
        {
            return false;
        }
        route.Interface = device;
        route._destination = destination;
        route.PrefixLength = (int)prefix;
        route.Gateway = (flags & GatewayFlag) != 0 ? gateway : null;
        route.Metric = metric;
        route._flags = flags;
        return true;
    }

    /// <summary>Reads an IPv6 address as the kernel's tables have it: 32 hexadecimal digits.</summary>
    public static bool TryReadAddress(ref FieldReader fields, out IPAddress? address)
    {
        address = null;
        Span<byte> bytes = stackalloc byte[16];
        if (!fields.TryRead(out ReadOnlySpan<byte> digits) || digits.Length != 32)
            return false;
        for (int i = 0; i < bytes.Length; i++)
        {
            FieldReader pair = new(digits.Slice(2 * i, 2));
            if (!pair.TryReadHexadecimal(out ulong value))
                return false;
            bytes[i] = (byte)value;
        }
        address = new IPAddress(bytes);
        return true;
    }
}
