using System;
using System.Net.Sockets;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace FastCgi.Transport;

/// <summary>
/// One direction of socket traffic that can be awaited again and again, on one socket after the other, without allocating
/// (the pattern of Kestrel's SocketAwaitableEventArgs; Socket's own awaitables are made anew for every socket).
/// </summary>
internal sealed class SocketOperation : SocketAsyncEventArgs, IValueTaskSource<int>
{
    /// <summary>The peer reset the connection, or it was closed here.</summary>
    public const int Broken = -1;

    private ManualResetValueTaskSourceCore<int> _source;

    public SocketOperation()
        : base(true) // continuations run without the ExecutionContext of whoever awaited
    {
    }

    /// <summary>Bytes received, 0 at the end of the stream, or <see cref="Broken"/>.</summary>
    public ValueTask<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        SetBuffer(buffer);
        _source.Reset();
        return Started(socket.ReceiveAsync(this));
    }

    /// <summary>Bytes sent, or <see cref="Broken"/>.</summary>
    public ValueTask<int> SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        SetBuffer(System.Runtime.InteropServices.MemoryMarshal.AsMemory(bytes));
        _source.Reset();
        return Started(socket.SendAsync(this));
    }

    /// <summary>0 when <see cref="SocketAsyncEventArgs.AcceptSocket"/> holds a connection, or <see cref="Broken"/>.</summary>
    public ValueTask<int> AcceptAsync(Socket listener)
    {
        AcceptSocket = null;
        _source.Reset();
        return Started(listener.AcceptAsync(this));
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => _source.SetResult(Outcome());

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private ValueTask<int> Started(bool pending) =>
        pending ? new ValueTask<int>(this, _source.Version) : new ValueTask<int>(Outcome());

    private int Outcome() => SocketError == SocketError.Success ? BytesTransferred : Broken;
}
