using System;
using System.Runtime.InteropServices;

namespace FastCgi.Transport;

/// <summary>What a loop waits with: epoll(7), and eventfd(2) to wake it.</summary>
internal static unsafe partial class LibC
{
    public static int NewEpoll() => Result(EpollCreate1(CloseOnExec));

    /// <summary>Adds (1), removes (2) or changes (3) what is waited for; <paramref name="change"/> is a struct epoll_event.</summary>
    public static int ChangeEpoll(int epoll, int operation, int descriptor, ReadOnlySpan<byte> change)
    {
        fixed (byte* pointer = change)
            return Result(EpollCtl(epoll, operation, descriptor, pointer));
    }

    /// <summary>Fills <paramref name="events"/> with up to <paramref name="most"/> struct epoll_event.</summary>
    public static int WaitForEvents(int epoll, Span<byte> events, int most, int timeoutMilliseconds)
    {
        fixed (byte* pointer = events)
            return Result(EpollWait(epoll, pointer, most, timeoutMilliseconds));
    }

    /// <summary>A counter to wake an epoll with: eventfd(2).</summary>
    public static int NewEventCounter() => Result(EventFd(0, NonBlocking | CloseOnExec));

    public static void Increment(int eventCounter)
    {
        ulong one = 1;
        _ = Write(eventCounter, &one, sizeof(ulong));
    }

    public static void Clear(int eventCounter)
    {
        ulong count;
        _ = Read(eventCounter, &count, sizeof(ulong));
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate1(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollCtl(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, byte* events, int most, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, void* buffer, nuint length);
}
