using System;
using System.Runtime.InteropServices;

namespace FastCgi.Transport;

/// <summary>The few system calls .NET has no word for. Constants are those of Linux on every architecture we build for.</summary>
internal static partial class LibC
{
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC, linux/fcntl.h
    private const int FirstFreeDescriptor = 3;
    private const int NonBlocking = 0x800; // O_NONBLOCK, so that a FIFO does not wait for its writer
    private const int NoSuchDeviceOrAddress = 6; // ENXIO
    private const short PollError = 0x008; // POLLERR, poll(2)
    private const short PollHangUp = 0x010; // POLLHUP

    /// <summary>Whether both directions of the connection are closed, or it has an error: poll(2) without waiting.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed here.</exception>
    public static unsafe bool HasHungUp(SafeHandle socket)
    {
        bool added = false;
        socket.DangerousAddRef(ref added);
        try
        {
            PollDescriptor descriptor = new() { Descriptor = (int)socket.DangerousGetHandle() };
            return Poll(&descriptor, 1, 0) > 0 && (descriptor.Returned & (PollError | PollHangUp)) != 0;
        }
        finally
        {
            if (added)
                socket.DangerousRelease();
        }
    }

    /// <summary>Whether a socket is at the path: open(2) fails with ENXIO for it, and for nothing else when reading.</summary>
    public static bool IsSocket(string path)
    {
        int descriptor = Open(path, NonBlocking, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError() == NoSuchDeviceOrAddress;
        _ = Close(descriptor);
        return false;
    }

    /// <summary>
    /// Takes the socket a web server left on descriptor 0: moves it to 3 or above, closed in children, and puts /dev/null in
    /// its place, so that no child keeps the listening socket alive (lighttpd then says "socket is already used").
    /// </summary>
    /// <returns>The new descriptor, or a negative error number of errno(3).</returns>
    public static int TakeStandardInput()
    {
        int moved = Fcntl(0, DuplicateCloseOnExec, FirstFreeDescriptor);
        if (moved < 0)
            return -Marshal.GetLastPInvokeError();

        int nothing = Open("/dev/null", 0, 0);
        if (nothing < 0 || Dup2(nothing, 0) < 0)
            return -Marshal.GetLastPInvokeError();
        if (nothing != 0)
            _ = Close(nothing);
        return moved;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int from, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Requested;
        public short Returned;
    }
}
