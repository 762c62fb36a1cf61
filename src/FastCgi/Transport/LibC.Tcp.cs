using System;
using System.Runtime.InteropServices;

namespace FastCgi.Transport;

/// <summary>The system calls for TCP; ip(7), ipv6(7), tcp(7).</summary>
internal static unsafe partial class LibC
{
    public const int InternetFamily = 2; // AF_INET
    public const int Internet6Family = 10; // AF_INET6
    public const int LongestInternetAddress = 28; // sizeof(struct sockaddr_in6)

    private const int ReuseAddress = 2; // SO_REUSEADDR
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int NoDelay = 1; // TCP_NODELAY

    public static int TcpSocket(int family) => Result(Socket(family, Stream | NonBlocking | CloseOnExec, 0));

    /// <summary>Lets a restarted program bind while connections of the last one linger in TIME_WAIT.</summary>
    public static int AllowReuse(int descriptor) => SetOption(descriptor, SocketLevel, ReuseAddress);

    /// <summary>What is sent leaves at once. Set on a listening socket, its connections have it from the start (tcp_create_openreq_child).</summary>
    public static int SendAtOnce(int descriptor) => SetOption(descriptor, TcpLevel, NoDelay);

    /// <summary>The address a socket is bound to, as a struct sockaddr of the length returned; longer ones are cut.</summary>
    public static int AddressOf(int descriptor, Span<byte> address)
    {
        uint length = (uint)address.Length;
        fixed (byte* pointer = address)
        {
            int result = Result(GetSockName(descriptor, pointer, &length));
            return result < 0 ? result : (int)Math.Min(length, (uint)address.Length);
        }
    }

    /// <summary>As <see cref="Accept"/>, with the peer's address in <paramref name="address"/>.</summary>
    public static int AcceptFrom(int descriptor, Span<byte> address)
    {
        uint length = (uint)address.Length;
        fixed (byte* pointer = address)
            return ResultNow(Accept4(descriptor, pointer, &length, NonBlocking | CloseOnExec));
    }

    /// <summary>Reads an address in its usual form and no other: 1.2.3.4 (4 bytes), or 2001:db8::1 (16 bytes). inet_pton(3).</summary>
    public static bool TryParseAddress(int family, string text, Span<byte> address)
    {
        fixed (byte* pointer = address)
            return !text.Contains('\0') && ReadAddress(family, text, pointer) == 1;
    }

    /// <summary>The usual form of an address. inet_ntop(3).</summary>
    public static string FormatAddress(int family, ReadOnlySpan<byte> address)
    {
        const int longest = 46; // INET6_ADDRSTRLEN
        byte* text = stackalloc byte[longest];
        fixed (byte* pointer = address)
            WriteAddress(family, pointer, text, longest);
        return Marshal.PtrToStringUTF8((nint)text)!;
    }

    private static int SetOption(int descriptor, int level, int option)
    {
        int on = 1;
        return Result(SetSockOpt(descriptor, level, option, &on, sizeof(int)));
    }

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSockOpt(int descriptor, int level, int option, int* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int GetSockName(int descriptor, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "inet_pton", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReadAddress(int family, string text, byte* address);

    [LibraryImport("libc", EntryPoint = "inet_ntop")]
    private static partial byte* WriteAddress(int family, byte* address, byte* text, uint length);
}
