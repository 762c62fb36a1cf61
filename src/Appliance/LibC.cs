using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance;

/// <summary>The calls that ask the kernel how the device is: open(2), pread(2), close(2), poll(2), write(2), readlink(2), realpath(3), readdir(3),
/// statvfs(3).</summary>
/// <remarks>
/// Not File and RandomAccess: an attribute that answers EINVAL at every read (the speed of a port without a cable) is an
/// ordinary event here, and an exception costs as much as thirty reads. Results are those of the calls, with −errno in place
/// of −1. Constants are Linux's on x86-64, arm and arm64 alike (asm-generic). pread64, readdir64 and
/// statvfs64 have 64 bits everywhere; what the names without it have depends on the C library.
/// </remarks>
internal static unsafe partial class LibC
{
    public const nuint ReadOnlyFlag = 1; // ST_RDONLY

    public const int NoEntry = -2; // ENOENT
    public const int Interrupted = -4; // EINTR
    public const int Failed = -5; // EIO
    public const int TryAgain = -11; // EAGAIN
    public const int BrokenPipe = -32; // EPIPE
    public const int NoDevice = -19; // ENODEV
    public const int TooLong = -27; // EFBIG

    private const int UtsLength = 65; // __NEW_UTS_LEN and a NUL
    private const short PollPriority = 0x002; // POLLPRI
    private const short PollCanWrite = 0x004; // POLLOUT
    private const short PollError = 0x008; // POLLERR
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int CloseOnExec = 0x80000; // O_CLOEXEC; O_RDONLY is 0

    /// <summary>Opens for reading, and waits neither for somebody to write into a named pipe nor for the kernel's next message. The path ends with NUL.</summary>
    public static int OpenForReading(ReadOnlySpan<byte> path)
    {
        fixed (byte* pointer = path)
            return Result(Open(pointer, CloseOnExec | NonBlocking));
    }

    /// <summary>Reads once; 0 is the end of the file.</summary>
    public static int ReadAt(int descriptor, Span<byte> buffer, long offset)
    {
        fixed (byte* pointer = buffer)
        {
            int read;
            do
                read = Result((int)PRead(descriptor, pointer, (nuint)buffer.Length, offset));
            while (read == Interrupted);
            return read;
        }
    }

    /// <summary>
    /// Whether the text may differ from what was last read: the kernel announces changes of some files to poll(2), such as
    /// /proc/self/mountinfo, proc_pid_mountinfo(5). Files that announce nothing, which poll calls writable, may always differ.
    /// </summary>
    public static bool MayHaveChanged(int descriptor)
    {
        PollDescriptor polled = new() { Descriptor = descriptor, Requested = PollPriority | PollCanWrite };
        return Poll(&polled, 1, 0) != 0 && (polled.Returned & (PollPriority | PollError | PollCanWrite)) != 0;
    }

    /// <summary>Writes to any descriptor, blocking or not; without waiting, if no more is given than it takes at once when it is ready.</summary>
    public static int WriteIfReady(int descriptor, ReadOnlySpan<byte> bytes)
    {
        PollDescriptor polled = new() { Descriptor = descriptor, Requested = PollCanWrite };
        if (Poll(&polled, 1, 0) == 0) // an error or a hang-up counts: the call then says which
            return TryAgain;
        fixed (byte* pointer = bytes)
            return Result((int)Write(descriptor, pointer, (nuint)bytes.Length));
    }

    public static void CloseDescriptor(int descriptor) => _ = Close(descriptor);

    /// <summary>Follows all symbolic links of a path; empty when it does not lead anywhere.</summary>
    public static string RealPath(string path)
    {
        byte* resolved = RealPath(path, null);
        string text = Marshal.PtrToStringUTF8((nint)resolved) ?? "";
        NativeMemory.Free(resolved);
        return text;
    }

    /// <summary>What is written in a symbolic link; empty when there is none. The path ends with NUL.</summary>
    /// <param name="path">Of the link.</param>
    /// <param name="buffer">Room for it; a longer one is cut.</param>
    public static ReadOnlySpan<byte> LinkText(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        fixed (byte* pointer = path, room = buffer)
        {
            nint length = ReadLink(pointer, room, (nuint)buffer.Length);
            return length < 0 ? default : buffer[..(int)length];
        }
    }

    /// <summary>Opens a folder to list; 0 when it cannot be. The path ends with NUL.</summary>
    public static nint OpenFolder(ReadOnlySpan<byte> path, out int error)
    {
        fixed (byte* pointer = path)
        {
            nint folder = OpenDir(pointer);
            error = folder == 0 ? -Marshal.GetLastPInvokeError() : 0;
            return folder;
        }
    }

    /// <summary>The next name, without its NUL; empty at the end. Valid until the next call.</summary>
    /// <param name="folder">What is listed.</param>
    /// <param name="inode">The number of what has the name.</param>
    public static ReadOnlySpan<byte> NextName(nint folder, out ulong inode)
    {
        // struct dirent64: d_ino and d_off of 8 bytes each, d_reclen of 2, d_type of 1, then the name.
        byte* entry = ReadDir64(folder);
        inode = entry is null ? 0 : Unsafe.ReadUnaligned<ulong>(entry);
        return entry is null ? default : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + 19);
    }

    public static void CloseFolder(nint folder) => _ = CloseDir(folder);

    /// <summary>What uname(2) calls the machine, such as x86_64.</summary>
    /// <param name="buffer">Room for 65 bytes.</param>
    public static ReadOnlySpan<byte> Machine(Span<byte> buffer)
    {
        // struct utsname: system, node, release, version, machine, domain, of 65 bytes each (asm-generic).
        byte* names = stackalloc byte[6 * UtsLength];
        if (UName(names) != 0)
            return default;
        ReadOnlySpan<byte> machine = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(names + (4 * UtsLength));
        machine.CopyTo(buffer);
        return buffer[..machine.Length];
    }

    /// <summary>The abbreviation of the zone that TZ or /etc/localtime name, such as CET.</summary>
    /// <param name="time">When, in seconds since 1970 UTC.</param>
    /// <param name="buffer">Room for it.</param>
    /// <param name="offset">How far it is ahead of UTC, in seconds.</param>
    public static ReadOnlySpan<byte> TimeZone(long time, Span<byte> buffer, out long offset)
    {
        BrokenDownTime local = default;
        offset = 0;
        if (LocalTime(&time, &local) is null || local.Zone is null)
            return default;
        offset = local.Offset;
        ReadOnlySpan<byte> zone = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(local.Zone);
        zone = zone[..Math.Min(zone.Length, buffer.Length)];
        zone.CopyTo(buffer);
        return buffer[..zone.Length];
    }

    /// <summary>Asks a filesystem for its sizes. Blocks for as long as it does.</summary>
    public static int StatVfs(string path, out FilesystemStatistics statistics) => Result(StatVfs64(path, out statistics));

    /// <summary>What the system calls an error, given as −errno.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(-error);

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "pread64", SetLastError = true)]
    private static partial nint PRead(int descriptor, byte* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "uname")]
    private static partial int UName(byte* names);

    [LibraryImport("libc", EntryPoint = "localtime_r")]
    private static partial BrokenDownTime* LocalTime(long* time, BrokenDownTime* result);

    [LibraryImport("libc", EntryPoint = "readlink")]
    private static partial nint ReadLink(byte* path, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* RealPath(string path, byte* resolved);

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true)]
    private static partial nint OpenDir(byte* path);

    [LibraryImport("libc", EntryPoint = "readdir64")]
    private static partial byte* ReadDir64(nint folder);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int CloseDir(nint folder);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "statvfs64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatVfs64(string path, out FilesystemStatistics statistics);

    /// <summary>struct tm: nine int, then tm_gmtoff and tm_zone.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BrokenDownTime
    {
        private readonly NineNumbers _numbers;
        public nint Offset;
        public byte* Zone;

        [InlineArray(9)]
        private struct NineNumbers
        {
            private int _first;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Requested;
        public short Returned;
    }

    /// <summary>struct statvfs64 of glibc, struct statvfs of musl: the same as far as it is named here.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FilesystemStatistics
    {
        public nuint BlockSize;
        public nuint FragmentSize;
        public ulong Blocks;
        public ulong FreeBlocks;
        public ulong AvailableBlocks;
        public ulong Files;
        public ulong FreeFiles;
        public ulong AvailableFiles;
        public ulong Id; // 32 bits and as many unused on a 32-bit machine
        public nuint Flags;
        private readonly Rest _rest;

        [InlineArray(8)] // more than either library's struct has: 112 bytes in all on x86-64
        private struct Rest
        {
            private ulong _first;
        }
    }
}
