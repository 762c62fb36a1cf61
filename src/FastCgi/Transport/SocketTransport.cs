using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace FastCgi.Transport;

/// <summary>A connection over a socket of the event loop. Reused for one socket after the other.</summary>
/// <remarks>The descriptor is closed in <see cref="Close"/> alone, when nothing uses it any more, so its number cannot be
/// somebody else's while an operation is under way.</remarks>
internal sealed class SocketTransport : ITransport, IReadinessTarget
{
    private const Readiness ForInput = Readiness.Input | Readiness.InputEnd | Readiness.OnChangeOnly;

    private readonly EventLoop _loop;
    private readonly ReceiveOperation _receive;
    private readonly SendOperation _send;
    private readonly Lock _gate = new();
    private int _descriptor = -1;
    private Readiness _watched;
    private volatile bool _ended; // the loop has said that no more input comes
    private volatile bool _aborted;

    public SocketTransport(EventLoop loop)
    {
        _loop = loop;
        _receive = new ReceiveOperation(this);
        _send = new SendOperation(this);
    }

    /// <summary>The socket; −1 when there is none.</summary>
    public int Descriptor => _descriptor;

    public void Open(int descriptor)
    {
        _descriptor = descriptor;
        _watched = Readiness.None;
        _ended = false;
        _aborted = false;
        _receive.Reset();
        _send.Reset();
    }

    public void Close()
    {
        _loop.Close(_descriptor);
        _descriptor = -1; // a call that comes too late must not reach whoever gets the number next
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _receive.StartAsync(buffer);

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => _send.StartAsync(MemoryMarshal.AsMemory(bytes));

    public void Post(Action action) => _loop.Post(action);

    public bool PeerHasGone() => _aborted || LibC.HasHungUp(_descriptor);

    public bool PeerHasTakenAll() => LibC.UntakenOutput(_descriptor) <= 0;

    public int UnreadInput() => LibC.UnreadInput(_descriptor);

    public void FinishSending() => LibC.ShutDownSending(_descriptor);

    /// <summary>TCP has no word for it.</summary>
    public bool TryStopReceiving()
    {
        if (!LibC.IsUnixSocket(_descriptor))
            return false;
        LibC.ShutDownReceiving(_descriptor);
        return true;
    }

    public void Abort()
    {
        _aborted = true;
        LibC.ShutDown(_descriptor); // wakes whatever is pending
    }

    void IReadinessTarget.OnReady(Readiness readiness)
    {
        const Readiness ended = Readiness.InputEnd | Readiness.Error | Readiness.HangUp;
        if ((readiness & ended) != 0)
            _ended = true;
        if ((readiness & (Readiness.Output | ended)) != 0)
            _send.OnReady();
        if ((readiness & (Readiness.Input | ended)) != 0)
            _receive.OnReady();
    }

    /// <summary>
    /// Most connections are served without ever waiting: they are not registered at all. Most others never wait for output,
    /// and would be told whenever the front has taken a response.
    /// </summary>
    private void Watch(Readiness interest, bool anew)
    {
        lock (_gate)
        {
            Readiness wanted = _watched | interest;
            if (_watched == Readiness.None)
                _loop.Add(_descriptor, this, wanted);
            else if (_watched != wanted || anew)
                _loop.Change(_descriptor, wanted);
            _watched = wanted;
        }
    }

    private int Finished(int result) =>
        _aborted ? SocketOperation.Broken : result >= 0 || result == LibC.WouldBlock ? result : SocketOperation.Broken;

    private sealed class ReceiveOperation(SocketTransport transport) : SocketOperation
    {
        protected override int Try(Span<byte> buffer)
        {
            int result;
            do
                result = LibC.Receive(transport._descriptor, buffer);
            while (result == LibC.Interrupted);
            return transport.Finished(result);
        }

        protected override bool MayTrustNextChange => transport._watched != Readiness.None && !transport._ended;

        protected override void WatchSocket(bool anew) => transport.Watch(ForInput, anew);
    }

    private sealed class SendOperation(SocketTransport transport) : SocketOperation
    {
        protected override int Try(Span<byte> buffer)
        {
            int result;
            do
                result = LibC.Send(transport._descriptor, buffer);
            while (result == LibC.Interrupted);
            return transport.Finished(result);
        }

        protected override bool MayTrustNextChange => false; // sends are rarely cut short

        protected override void WatchSocket(bool anew) => transport.Watch(ForInput | Readiness.Output, anew);
    }
}
