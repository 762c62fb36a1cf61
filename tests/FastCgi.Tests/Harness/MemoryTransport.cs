using System;
using System.Threading.Tasks;
using FastCgi.Transport;

namespace FastCgi.Tests.Harness;

/// <summary>
/// A connection in memory. What one side does continues the other side at once and on the same thread, so a conversation runs
/// the same way every time. Allocates nothing once its buffers have grown.
/// </summary>
internal sealed partial class MemoryTransport : ITransport
{
    private readonly object _gate = new();
    private readonly ByteQueue _toServer = new();
    private readonly ByteQueue _toFront = new();
    private readonly MemoryOperation _receive = new();
    private readonly MemoryOperation _send = new();
    private Memory<byte> _receiveBuffer;
    private ReadOnlyMemory<byte> _sendBytes;
    private bool _ended;
    private bool _gone;
    private long _received;
    private long _heard; // those before the last receive, while what it brought is being heard
    private int _hearer; // the thread that hears it; 0 when the server waits for more
    private long? _receivedBeforeFinish;
    private long? _heardBeforeFinish;
    private bool _heldBack;

    /// <summary>How many bytes the front lets wait for it: 0 for a front that does not read.</summary>
    public int Window { get; private set; } = int.MaxValue;

    /// <summary>At most this many bytes come with one receive.</summary>
    public int MostPerReceive { get; set; } = int.MaxValue;

    /// <summary>At most this many bytes leave with one send.</summary>
    public int MostPerSend { get; set; } = int.MaxValue;

    /// <summary>Whether the next send is an exception, which no socket's is.</summary>
    public bool SendThrows { get; set; }

    /// <summary>Where posted work goes, to be run later; null to run it at once, for there is nobody else here.</summary>
    public Action<Action>? Loop { get; set; }

    public int Sends { get; private set; }

    public bool SendingFinished { get; private set; }

    public bool Aborted { get; private set; }

    /// <summary>What happens just before the front's sends begin to fail.</summary>
    public Action? BeforeStopReceiving { get; set; }

    /// <summary>Whether the front's sends fail: nothing of them is taken.</summary>
    public bool Refuses { get; private set; }

    /// <summary>Whether a receive of the server waits for bytes.</summary>
    public bool ServerWaits
    {
        get
        {
            lock (_gate)
                return _receive.IsPending;
        }
    }

    /// <summary>Whether a send of the server waits for the front to read.</summary>
    public bool ServerIsHeldUp
    {
        get
        {
            lock (_gate)
                return _send.IsPending;
        }
    }

    public int OutputLength
    {
        get
        {
            lock (_gate)
                return _toFront.Length;
        }
    }

    /// <summary>Bytes of this connection the server had received when it said that it sends no more, or until now.</summary>
    public long ReceivedBeforeFinish
    {
        get
        {
            lock (_gate)
                return _receivedBeforeFinish ?? _received;
        }
    }

    /// <summary>
    /// The same, without those that another thread was hearing just then: a front that begins a request behind one that it wants the
    /// connection closed after may find that the pool was faster.
    /// </summary>
    public long HeardBeforeFinish
    {
        get
        {
            lock (_gate)
                return _heardBeforeFinish ?? _received;
        }
    }

    /// <summary>Bytes of the front the server has not taken yet.</summary>
    public int InputLength
    {
        get
        {
            lock (_gate)
                return _toServer.Length;
        }
    }

    /// <summary>A new connection on the same object, as the server does with sockets.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            _toServer.Clear();
            _toFront.Clear();
            _ended = _gone = _heldBack = SendingFinished = Aborted = Refuses = false;
            Sends = 0;
            _received = _heard = 0;
            _hearer = 0;
            _receivedBeforeFinish = _heardBeforeFinish = null;
        }
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        lock (_gate)
        {
            _hearer = 0;
            if (Aborted)
                return new ValueTask<int>(-1);
            if (_toServer.Length == 0 && !_ended)
            {
                _receiveBuffer = buffer;
                return _receive.Start();
            }
            return new ValueTask<int>(TakeInput(buffer));
        }
    }

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            if (SendThrows)
                throw new InvalidOperationException("the transport failed");
            Sends++;
            _sendBytes = bytes;
            if (Aborted || _gone || SendingFinished)
                return new ValueTask<int>(-1);
            int sent = TakeFromSend();
            return sent == MemoryOperation.Nothing ? _send.Start() : new ValueTask<int>(sent);
        }
    }

    public void Post(Action action)
    {
        if (Loop is { } loop)
            loop(action);
        else
            action();
    }

    public bool PeerHasGone() => _gone || Aborted;

    public bool PeerHasTakenAll() => OutputLength == 0;

    public int UnreadInput() => InputLength;

    public void FinishSending()
    {
        lock (_gate)
        {
            SendingFinished = true;
            _receivedBeforeFinish ??= _received;
            _heardBeforeFinish ??= _hearer == 0 || _hearer == Environment.CurrentManagedThreadId ? _received : _heard;
        }
    }

    public bool TryStopReceiving()
    {
        BeforeStopReceiving?.Invoke();
        lock (_gate)
            Refuses = _ended = true;
        ResumeReceive();
        return true;
    }

    public void Abort()
    {
        lock (_gate)
            Aborted = true;
        _receive.CompleteIf(true, -1);
        _send.CompleteIf(true, -1);
    }

    private void ResumeReceive()
    {
        int received = MemoryOperation.Nothing;
        lock (_gate)
        {
            if (_receive.IsPending && !_heldBack && (_toServer.Length > 0 || _ended))
                received = TakeInput(_receiveBuffer);
        }
        _receive.CompleteIf(received != MemoryOperation.Nothing, received);
    }

    private int TakeInput(Memory<byte> buffer)
    {
        int taken = _toServer.TakeInto(buffer.Span[..Math.Min(buffer.Length, MostPerReceive)]);
        _heard = _received;
        _hearer = Environment.CurrentManagedThreadId;
        _received += taken;
        return taken;
    }

    private int TakeFromSend()
    {
        int sent = Math.Min(Math.Min(_sendBytes.Length, MostPerSend), Window - _toFront.Length);
        if (sent <= 0)
            return MemoryOperation.Nothing;
        _toFront.Append(_sendBytes.Span[..sent]);
        return sent;
    }

    private void Resume()
    {
        int sent;
        lock (_gate)
            sent = _send.IsPending ? TakeFromSend() : MemoryOperation.Nothing;
        _send.CompleteIf(sent != MemoryOperation.Nothing, sent);
    }
}
