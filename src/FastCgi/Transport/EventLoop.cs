using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace FastCgi.Transport;

/// <summary>What happened to a descriptor: <c>EPOLLIN</c> …, epoll_ctl(2).</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Input = 0x001,
    Output = 0x004,
    Error = 0x008,
    HangUp = 0x010,
    InputEnd = 0x2000,
    OnChangeOnly = 0x8000_0000,
}

/// <summary>Somebody who waits for a descriptor.</summary>
internal interface IReadinessTarget
{
    /// <summary>Called on the loop's thread. Must not throw.</summary>
    void OnReady(Readiness readiness);
}

/// <summary>
/// One thread that waits for all descriptors and runs, one after the other, what waits for them: epoll(7). Other threads
/// may register descriptors and post work; everything else happens on the thread that calls <see cref="Turn"/>.
/// </summary>
internal sealed class EventLoop : IDisposable, IReadinessTarget
{
    private const int EventsPerTurn = 64;
    private const int AddOperation = 1; // EPOLL_CTL_ADD
    private const int RemoveOperation = 2; // EPOLL_CTL_DEL
    private const int ChangeOperation = 3; // EPOLL_CTL_MOD

    private static readonly int DataOffset = DataOffsetOn(RuntimeInformation.ProcessArchitecture);
    private static readonly int EventLength = DataOffset + sizeof(ulong);

    private readonly int _epoll;
    private int _wake;
    private readonly byte[] _events = new byte[EventsPerTurn * EventLength];
    private readonly Lock _gate = new();
    private IReadinessTarget?[] _targets = new IReadinessTarget?[64];
    private Queue<Action> _posted = new();
    private Queue<Action> _running = new();

    /// <summary>struct epoll_event is { uint32 events; uint64 data; }, packed on x86-64 alone (eventpoll.h, EPOLL_PACKED).</summary>
    internal static int DataOffsetOn(Architecture architecture) => architecture == Architecture.X64 ? 4 : 8;

    /// <summary>Makes a loop.</summary>
    /// <exception cref="IOException">The system has no more descriptors.</exception>
    public EventLoop()
    {
        _epoll = Checked(LibC.NewEpoll());
        _wake = Checked(LibC.NewEventCounter());
        Add(_wake, this, Readiness.Input);
    }

    /// <summary>Begins to wait for a descriptor, until it is closed.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public void Add(int descriptor, IReadinessTarget target, Readiness interest)
    {
        if (!TryAdd(descriptor, target, interest))
            throw new IOException($"epoll failed: {LibC.Describe(LibC.NotPermitted)}");
    }

    /// <summary>The same for a descriptor that may be a file's, which is always ready and cannot be waited for: then false.</summary>
    /// <exception cref="IOException">The system refuses for another reason.</exception>
    public bool TryAdd(int descriptor, IReadinessTarget target, Readiness interest)
    {
        lock (_gate)
        {
            if (descriptor >= _targets.Length)
                Array.Resize(ref _targets, Math.Max(_targets.Length * 2, descriptor + 1));
            _targets[descriptor] = target;
        }
        return Control(AddOperation, descriptor, interest) != LibC.NotPermitted;
    }

    /// <summary>Changes what is waited for.</summary>
    public void Change(int descriptor, Readiness interest) => _ = Control(ChangeOperation, descriptor, interest);

    /// <summary>Waits for a descriptor no longer, and forgets who did.</summary>
    public void Remove(int descriptor)
    {
        Control(RemoveOperation, descriptor, Readiness.None);
        Forget(descriptor);
    }

    /// <summary>Closes a descriptor and forgets who waited for it. Nothing may use the number any more.</summary>
    public void Close(int descriptor)
    {
        Forget(descriptor);
        LibC.CloseDescriptor(descriptor);
    }

    /// <summary>Runs something on the loop's thread, after what has already happened was handled.</summary>
    public void Post(Action action)
    {
        lock (_gate)
            _posted.Enqueue(action);
        Wake();
    }

    /// <summary>Makes <see cref="Turn"/> return soon.</summary>
    public void Wake() => LibC.Increment(Volatile.Read(ref _wake));

    /// <summary>Waits for something to happen, at most the time given (−1: for ever), and handles it.</summary>
    public void Turn(int timeoutMilliseconds)
    {
        int count = LibC.WaitForEvents(_epoll, _events, EventsPerTurn, timeoutMilliseconds);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> happened = _events.AsSpan(i * EventLength, EventLength);
            // A descriptor closed and opened anew since the wait: its new owner is told too much, which does no harm.
            IReadinessTarget? target = Volatile.Read(ref _targets)[(int)MemoryMarshal.Read<ulong>(happened[DataOffset..])];
            target?.OnReady((Readiness)MemoryMarshal.Read<uint>(happened));
        }
        RunPosted();
    }

    public void Dispose()
    {
        LibC.CloseDescriptor(Interlocked.Exchange(ref _wake, -1)); // a late Wake must not write to whoever gets the number next
        LibC.CloseDescriptor(_epoll);
    }

    void IReadinessTarget.OnReady(Readiness readiness) => LibC.Clear(_wake);

    private void RunPosted()
    {
        lock (_gate)
            (_posted, _running) = (_running, _posted);
        while (_running.TryDequeue(out Action? action))
            action();
    }

    private void Forget(int descriptor)
    {
        lock (_gate)
        {
            if (descriptor < _targets.Length)
                _targets[descriptor] = null;
        }
    }

    private int Control(int operation, int descriptor, Readiness interest)
    {
        Span<byte> change = stackalloc byte[EventLength];
        change.Clear();
        MemoryMarshal.Write(change, (uint)interest);
        MemoryMarshal.Write(change[DataOffset..], (ulong)descriptor);
        int result = LibC.ChangeEpoll(_epoll, operation, descriptor, change);
        return result == LibC.NotPermitted ? result : Checked(result);
    }

    private static int Checked(int result) =>
        result >= 0 ? result : throw new IOException($"epoll failed: {LibC.Describe(result)}");
}
