using System;
using System.Runtime.InteropServices;

namespace FastCgi.Transport;

/// <summary>What a process has from whoever started it: environment, signals, standard streams.</summary>
internal static unsafe partial class LibC
{
    private const int BrokenPipe = 13; // SIGPIPE
    private const nint Ignore = 1; // SIG_IGN
    private const nint Default = 0; // SIG_DFL
    private const int Block = 0; // SIG_BLOCK
    private const int Unblock = 1; // SIG_UNBLOCK
    private const int SignalSetWords = 16; // sizeof(sigset_t) in words of 64 bits
    private const int SetDescriptorFlags = 2; // F_SETFD
    private const int CloseOnExecFlag = 1; // FD_CLOEXEC
    private const short PollInput = 0x001; // POLLIN
    private const short PollOutput = 0x004; // POLLOUT

    /// <summary>Makes a reader that has gone an error of write(2), and not the end of this process.</summary>
    public static void IgnoreBrokenPipes() => _ = Signal(BrokenPipe, Ignore);

    /// <summary>
    /// A signal waits from now on, through execve(2) too, until somebody calls <see cref="HeedSignal"/>; one that another thread takes
    /// instead ends the process.
    /// </summary>
    public static void HoldSignal(int signal)
    {
        ChangeMask(Block, signal);
        _ = Signal(signal, Default);
    }

    /// <summary>Has the calling thread take a signal, although whoever started this program may have held it back.</summary>
    public static void HeedSignal(int signal) => ChangeMask(Unblock, signal);

    /// <summary>Keeps a descriptor from programs that this one starts; the descriptor, or the error.</summary>
    public static int CloseInChildren(int descriptor)
    {
        int result = Result(Fcntl(descriptor, SetDescriptorFlags, CloseOnExecFlag));
        return result < 0 ? result : descriptor;
    }

    /// <summary>A variable of the environment this process was started with, byte for byte.</summary>
    public static bool TryGetVariable(string name, out byte[] value)
    {
        byte* found = GetEnv(name);
        value = found is null ? [] : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(found).ToArray();
        return found is not null;
    }

    /// <summary>Reads from any descriptor, blocking or not, without waiting.</summary>
    public static int ReadIfReady(int descriptor, Span<byte> buffer)
    {
        if (!IsReady(descriptor, PollInput))
            return WouldBlock;
        fixed (byte* pointer = buffer)
            return Result((int)ReadWaiting(descriptor, pointer, (nuint)buffer.Length));
    }

    /// <summary>Writes to any descriptor, blocking or not; without waiting, if no more is given than it takes at once when it is ready.</summary>
    public static int WriteIfReady(int descriptor, ReadOnlySpan<byte> bytes)
    {
        if (!IsReady(descriptor, PollOutput))
            return WouldBlock;
        fixed (byte* pointer = bytes)
            return Result((int)WriteWaiting(descriptor, pointer, (nuint)bytes.Length));
    }

    private static void ChangeMask(int how, int signal)
    {
        ulong* set = stackalloc ulong[SignalSetWords];
        new Span<ulong>(set, SignalSetWords).Clear();
        set[0] = 1ul << (signal - 1);
        _ = SignalMask(how, set, null);
    }

    private static bool IsReady(int descriptor, short direction)
    {
        PollDescriptor polled = new() { Descriptor = descriptor, Requested = direction };
        return Poll(&polled, 1, 0) > 0; // an error or a hang-up counts: the call then says which
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SignalMask(int how, ulong* set, ulong* before);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* GetEnv(string name);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadWaiting(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteWaiting(int descriptor, void* buffer, nuint length);
}
