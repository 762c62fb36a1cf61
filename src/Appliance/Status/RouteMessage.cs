using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Status;

/// <summary>What the kernel and programs tell each other about its network: a header, a body that depends on the type, attributes; rtnetlink(7).</summary>
/// <remarks>All numbers as the machine holds them, all parts at multiples of four bytes; RTA_OK and NLMSG_OK in include/uapi/linux.</remarks>
internal static class RouteMessage
{
    public const ushort Error = 2; // NLMSG_ERROR
    public const ushort Done = 3; // NLMSG_DONE
    public const ushort GetLinks = 18; // RTM_GETLINK
    public const ushort GetNeighbours = 30; // RTM_GETNEIGH
    public const ushort Request = 0x1; // NLM_F_REQUEST
    public const ushort All = 0x300; // NLM_F_DUMP
    public const ushort Interrupted = 0x10; // NLM_F_DUMP_INTR: there was a change meanwhile, and something may be missing
    public const ushort LinkName = 3; // IFLA_IFNAME, with its NUL
    public const ushort NeighbourAddress = 1; // NDA_DST
    public const ushort NeighbourHardwareAddress = 2; // NDA_LLADDR

    /// <summary>Takes the first message off a block of them.</summary>
    /// <returns>False when what is left is not a whole message.</returns>
    public static bool TryCut(scoped ref ReadOnlySpan<byte> messages, out Header header, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!MemoryMarshal.TryRead(messages, out header) || header.Length < Unsafe.SizeOf<Header>() || header.Length > messages.Length)
            return false;
        content = messages[Unsafe.SizeOf<Header>()..(int)header.Length];
        messages = messages[Math.Min(Aligned((int)header.Length), messages.Length)..];
        return true;
    }

    /// <summary>Takes the body off a message's content, which leaves the attributes.</summary>
    public static bool TryCutBody<TBody>(ref ReadOnlySpan<byte> content, out TBody body)
        where TBody : struct
    {
        if (!MemoryMarshal.TryRead(content, out body))
            return false;
        content = content[Math.Min(Aligned(Unsafe.SizeOf<TBody>()), content.Length)..];
        return true;
    }

    /// <summary>Finds an attribute; those behind one that is damaged are not found.</summary>
    public static bool TryFind(ReadOnlySpan<byte> attributes, ushort type, out ReadOnlySpan<byte> value)
    {
        while (MemoryMarshal.TryRead(attributes, out Attribute attribute)
            && attribute.Length >= Unsafe.SizeOf<Attribute>() && attribute.Length <= attributes.Length)
        {
            value = attributes[Unsafe.SizeOf<Attribute>()..attribute.Length];
            if (attribute.Type == type)
                return true;
            attributes = attributes[Math.Min(Aligned(attribute.Length), attributes.Length)..];
        }
        value = default;
        return false;
    }

    private static int Aligned(int length) => (length + 3) & ~3;

    /// <summary>struct nlmsghdr; the length is the header's and all that follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Header
    {
        public uint Length;
        public ushort Type;
        public ushort Flags;
        public uint Sequence;
        public uint Port;
    }

    /// <summary>struct ifinfomsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Link
    {
        public byte Family;
        private readonly byte _padding;
        public ushort Type;
        public int Index;
        public uint Flags;
        public uint Change;
    }

    /// <summary>struct ndmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Neighbour
    {
        public byte Family;
        private readonly byte _padding1;
        private readonly ushort _padding2;
        public int Interface;
        public ushort State;
        public byte Flags;
        public byte Type;
    }

    /// <summary>struct rtattr; the length is its own and the value's.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attribute
    {
        public ushort Length;
        public ushort Type;
    }
}
