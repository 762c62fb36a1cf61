using System;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace FastCgi.Transport;

/// <summary>
/// One direction of a connection: tried at once, and if the socket is not ready, when the loop says that it is. Can be
/// awaited again and again, on one socket after the other, without allocating.
/// </summary>
internal abstract class SocketOperation : IValueTaskSource<int>
{
    /// <summary>The peer reset the connection, or it was closed here.</summary>
    public const int Broken = -1;

    private const int Never = -1; // no state of a socket that nobody waits for, which are even
    private const int Pending = 1;
    private const int OneChange = 2;

    private ManualResetValueTaskSourceCore<int> _source;
    private Memory<byte> _buffer;
    private int _state; // how often the loop said that something changed, times two; and one more while somebody waits
    private int _exhaustedAt = Never; // the state when the socket was last found to have no more

    /// <summary>
    /// Bytes moved, 0 at the end of the stream, or <see cref="Broken"/>. With an empty buffer nothing is tried: 0 when the loop says
    /// that the socket is ready, so that nobody has to hold a buffer until then.
    /// </summary>
    public ValueTask<int> StartAsync(Memory<byte> buffer)
    {
        while (true)
        {
            int seen = Volatile.Read(ref _state);
            if (seen != _exhaustedAt)
            {
                int result = buffer.IsEmpty ? LibC.WouldBlock : TryAndNote(buffer.Span, seen);
                if (result != LibC.WouldBlock)
                    return new ValueTask<int>(result);
                WatchSocket(anew: buffer.IsEmpty);
            }
            _source.Reset();
            _buffer = buffer;
            short version = _source.Version; // before the next line: then it may be completed, and started again
            if (Interlocked.CompareExchange(ref _state, seen | Pending, seen) == seen)
                return new ValueTask<int>(this, version);
            // It became ready in between, and the loop found nobody waiting.
            if (buffer.IsEmpty)
                return new ValueTask<int>(0);
        }
    }

    /// <summary>The socket may be ready. Only the loop calls this, so only it completes what is pending.</summary>
    public void OnReady()
    {
        int state = Interlocked.Add(ref _state, OneChange);
        if ((state & Pending) == 0)
            return;
        int seen = state - Pending;
        int result = _buffer.IsEmpty ? 0 : TryAndNote(_buffer.Span, seen);
        if (result == LibC.WouldBlock)
            return;
        _buffer = default;
        Volatile.Write(ref _state, seen); // nobody else changes it while somebody waits
        _source.SetResult(result);
    }

    /// <summary>Forgets the last socket.</summary>
    public void Reset() => _exhaustedAt = Never;

    /// <summary>
    /// When fewer bytes than asked for were moved there are no more, and the loop will say when there are: the next attempt
    /// need not be made. Not so at the end of a stream, which the loop has said already. (A receive also stops at urgent data, which
    /// no front sends; one that did would wait for its own next byte.)
    /// </summary>
    private int TryAndNote(Span<byte> buffer, int seen)
    {
        int result = Try(buffer);
        _exhaustedAt = result > 0 && result < buffer.Length && MayTrustNextChange ? seen : Never;
        return result;
    }

    /// <summary>Whether the loop watches the socket, and has not said the last there is to say.</summary>
    protected abstract bool MayTrustNextChange { get; }

    /// <summary>Moves bytes without waiting; <see cref="LibC.WouldBlock"/> when that is not possible now.</summary>
    protected abstract int Try(Span<byte> buffer);

    /// <summary>Makes sure that the loop will call <see cref="OnReady"/> when the socket becomes ready.</summary>
    /// <param name="anew">Also if it is ready already and the loop has said so before.</param>
    protected abstract void WatchSocket(bool anew);

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.FlowExecutionContext);
}
