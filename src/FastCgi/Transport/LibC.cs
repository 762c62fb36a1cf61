using System;
using System.IO;
using System.Runtime.InteropServices;

namespace FastCgi.Transport;

/// <summary>
/// The system calls of the engine. System.Net.Sockets would do most of it, at 1.6 times the CPU time per request: two
/// fcntl(2) for every connection, and six objects of garbage.
/// </summary>
/// <remarks>
/// Results are those of the calls, with −errno in place of −1. Constants are Linux's on x86-64, arm and arm64 alike (asm-generic).
/// </remarks>
internal static unsafe partial class LibC
{
    public const int WouldBlock = -11; // EAGAIN
    public const int Interrupted = -4; // EINTR
    public const int ConnectionRefused = -111; // ECONNREFUSED
    public const int ConnectionAborted = -103; // ECONNABORTED
    public const int ProtocolError = -71; // EPROTO
    public const int NoNetwork = -64; // ENONET
    public const int NetworkDown = -100; // ENETDOWN
    public const int NetworkUnreachable = -101; // ENETUNREACH
    public const int HostDown = -112; // EHOSTDOWN
    public const int HostUnreachable = -113; // EHOSTUNREACH
    public const int NotFound = -2; // ENOENT
    public const int NotPermitted = -1; // EPERM
    public const int NoSuchDeviceOrAddress = -6; // ENXIO

    private const int UnixFamily = 1; // AF_UNIX
    private const int Stream = 1; // SOCK_STREAM
    private const int NonBlocking = 0x800; // SOCK_NONBLOCK, O_NONBLOCK, EFD_NONBLOCK
    private const int CloseOnExec = 0x80000; // SOCK_CLOEXEC, O_CLOEXEC, EFD_CLOEXEC, EPOLL_CLOEXEC
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL: a peer that has gone is an error, not SIGPIPE
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int AcceptsConnections = 30; // SO_ACCEPTCONN
    private const int Domain = 39; // SO_DOMAIN
    private const short PollError = 0x008; // POLLERR
    private const short PollHangUp = 0x010; // POLLHUP
    private const nuint OutputQueue = 0x5411; // SIOCOUTQ
    private const nuint InputQueue = 0x541B; // FIONREAD
    private const int ShutRead = 0; // SHUT_RD
    private const int ShutWrite = 1; // SHUT_WR
    private const int ShutBoth = 2; // SHUT_RDWR

    /// <summary>What the system calls an error, given as −errno.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(-error);

    public static int UnixSocket() => Result(Socket(UnixFamily, Stream | NonBlocking | CloseOnExec, 0));

    public static int Bind(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
            return Result(Bind(descriptor, pointer, (uint)address.Length));
    }

    public static int Connect(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
            return Result(Connect(descriptor, pointer, (uint)address.Length));
    }

    public static int StartListening(int descriptor, int backlog) => Result(Listen(descriptor, backlog));

    /// <summary>Whether accept(2) failed for this time only: for a signal, or for an error of the connection it would have returned.</summary>
    public static bool MayAcceptAgain(int error) => error is Interrupted or ConnectionAborted or ProtocolError
        or NoNetwork or NetworkDown or NetworkUnreachable or HostDown or HostUnreachable;

    /// <summary>A connection from the queue, non-blocking and closed in children.</summary>
    public static int Accept(int descriptor) => ResultNow(Accept4(descriptor, null, null, NonBlocking | CloseOnExec));

    public static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
            return ResultNow((int)Recv(descriptor, pointer, (nuint)buffer.Length, 0));
    }

    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
            return ResultNow((int)Send(descriptor, pointer, (nuint)bytes.Length, NoSignal));
    }

    public static void ShutDownSending(int descriptor) => _ = Shutdown(descriptor, ShutWrite);

    public static void ShutDownReceiving(int descriptor) => _ = Shutdown(descriptor, ShutRead);

    public static void ShutDown(int descriptor) => _ = Shutdown(descriptor, ShutBoth);

    public static void CloseDescriptor(int descriptor) => _ = Close(descriptor);

    public static int ChangeMode(string path, UnixFileMode mode) => Result(ChMod(path, (uint)mode));

    public static int Unlink(string path) => Result(UnlinkPath(path));

    /// <summary>Whether both directions of a connection are closed, or it has an error: poll(2) without waiting.</summary>
    public static bool HasHungUp(int descriptor)
    {
        PollDescriptor polled = new() { Descriptor = descriptor };
        return Poll(&polled, 1, 0) > 0 && (polled.Returned & (PollError | PollHangUp)) != 0;
    }

    /// <summary>Bytes sent that the peer has not read, or over TCP not acknowledged: unix(7), tcp(7) SIOCOUTQ.</summary>
    public static int UntakenOutput(int descriptor) => BytesIn(descriptor, OutputQueue);

    /// <summary>Bytes received and not read: unix(7), tcp(7) SIOCINQ, which is FIONREAD.</summary>
    public static int UnreadInput(int descriptor) => BytesIn(descriptor, InputQueue);

    /// <summary>Whether the descriptor is a socket that listens.</summary>
    public static bool IsListening(int descriptor) => Option(descriptor, AcceptsConnections) > 0;

    public static bool IsUnixSocket(int descriptor) => Option(descriptor, Domain) == UnixFamily;

    /// <summary>Whether a socket is at the path: open(2) fails with ENXIO for it, and for nothing else when reading.</summary>
    public static bool IsSocket(string path)
    {
        int descriptor = Result(Open(path, NonBlocking | CloseOnExec, 0)); // non-blocking: a FIFO would wait for its writer
        if (descriptor >= 0)
            CloseDescriptor(descriptor);
        return descriptor == NoSuchDeviceOrAddress;
    }

    private static int BytesIn(int descriptor, nuint queue)
    {
        int bytes = 0;
        int result = Result(IoCtl(descriptor, queue, &bytes));
        return result < 0 ? result : bytes;
    }

    /// <summary>An option of a socket; −1 for what is none.</summary>
    private static int Option(int descriptor, int option)
    {
        int value = 0;
        uint length = sizeof(int);
        return GetSockOpt(descriptor, SocketLevel, option, &value, &length) == 0 ? value : -1;
    }

    /// <summary>
    /// For the calls of every request: they never wait, so the garbage collector may wait for them, and without its bookkeeping
    /// around the call nothing comes between it and errno.
    /// </summary>
    private static int ResultNow(int returned) => returned >= 0 ? returned : -Marshal.GetLastSystemError();

    private static int Result(int returned) => returned >= 0 ? returned : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int Listen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4")]
    [SuppressGCTransition]
    private static partial int Accept4(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    [SuppressGCTransition]
    private static partial nint Recv(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    [SuppressGCTransition]
    private static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    [SuppressGCTransition]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    private static partial int GetSockOpt(int descriptor, int level, int option, int* value, uint* length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoCtl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChMod(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkPath(string path);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Requested;
        public short Returned;
    }
}
