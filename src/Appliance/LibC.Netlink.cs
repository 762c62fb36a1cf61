using System;
using System.Runtime.InteropServices;

namespace Appliance;

/// <summary>What is needed to ask the kernel about its network, and to hear of changes: socket(2), bind(2), send(2), recv(2); netlink(7).</summary>
internal static unsafe partial class LibC
{
    public const int NoBuffers = -105; // ENOBUFS
    public const int MessageTooLong = -90; // EMSGSIZE

    private const int NetlinkFamily = 16; // AF_NETLINK
    private const int RawSocket = 3; // SOCK_RAW; its flags are those of open
    private const int RouteProtocol = 0; // NETLINK_ROUTE
    private const uint LinkGroup = 1; // RTMGRP_LINK
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ReceiveBuffer = 8; // SO_RCVBUF
    private const int Truncate = 0x20; // MSG_TRUNC: what there is no room for is counted, and dropped

    /// <summary>A socket, not blocking, on which the kernel announces changes of network interfaces from now on; −errno when there can be none.</summary>
    public static int OpenLinkAnnouncements()
    {
        int descriptor = OpenRouteSocket();
        if (descriptor < 0)
            return descriptor;
        int room = 4096; // a message or two; that there were more is said by ENOBUFS
        _ = SetSocketOption(descriptor, SocketLevel, ReceiveBuffer, &room, sizeof(int));
        NetlinkAddress address = new() { Family = NetlinkFamily, Groups = LinkGroup };
        int bound = Result(Bind(descriptor, &address, (uint)sizeof(NetlinkAddress)));
        if (bound >= 0)
            return descriptor;
        CloseDescriptor(descriptor);
        return bound;
    }

    /// <summary>A socket, not blocking, for questions to the kernel; −errno when there can be none.</summary>
    public static int OpenRouteSocket() => Result(Socket(NetlinkFamily, RawSocket | NonBlocking | CloseOnExec, RouteProtocol));

    /// <summary>Asks the kernel, whose answer can be taken at once.</summary>
    public static int Ask(int socket, ReadOnlySpan<byte> message)
    {
        fixed (byte* pointer = message)
            return Result((int)Send(socket, pointer, (nuint)message.Length, 0));
    }

    /// <summary>Takes what one read gives, whose length is the result even where that is more than the room; <see cref="TryAgain"/> when there is nothing.</summary>
    public static int Take(int socket, Span<byte> room)
    {
        fixed (byte* pointer = room)
        {
            int result;
            do
                result = Result((int)Receive(socket, pointer, (nuint)room.Length, Truncate));
            while (result == Interrupted);
            return result;
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, NetlinkAddress* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetSocketOption(int descriptor, int level, int option, int* value, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, byte* message, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    /// <summary>struct sockaddr_nl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct NetlinkAddress
    {
        public ushort Family;
        private readonly ushort _unused;
        private readonly uint _port; // 0: the kernel chooses one
        public uint Groups;
    }
}
