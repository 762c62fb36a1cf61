using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// The one way out of a connection. Whole records go through it one batch after the other, so those of different requests
/// interleave but never mix, and a send that took only a part is resumed before anything else is sent.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim that makes no wait handle holds nothing to free.")]
internal sealed class ConnectionOutput
{
    private const long NotWaiting = long.MaxValue;

    private readonly ServerLimits _limits;
    private readonly ITransport _transport;
    private readonly SemaphoreSlim _queue = new(0);
    private int _senders; // the one whose turn it is, and those in the queue
    private long _waitsSince = NotWaiting;
    private int _waitingAnswers;
    private volatile bool _broken;

    public ConnectionOutput(ITransport transport, ServerLimits limits)
    {
        _transport = transport;
        _limits = limits;
    }

    /// <summary>Bytes that fronts have taken, over all connections this object has served.</summary>
    public long Sent { get; private set; }

    /// <summary>Whether nothing can be sent any more.</summary>
    public bool IsBroken => _broken;

    /// <summary>Whether nothing is being sent.</summary>
    public bool IsSettled => Volatile.Read(ref _senders) == 0 && Volatile.Read(ref _waitingAnswers) == 0;

    public void Reset()
    {
        _broken = false;
        _waitsSince = NotWaiting;
        _waitingAnswers = 0;
    }

    /// <summary>From now on everything sent goes nowhere.</summary>
    public void Break() => _broken = true;

    /// <summary>Since when the peer takes nothing of what is being sent, in milliseconds of Environment.TickCount64; long.MaxValue when it does.</summary>
    public long WaitsSince => Volatile.Read(ref _waitsSince);

    /// <summary>Whether the peer has not taken what was sent for too long.</summary>
    public bool IsOverdue(long now) => WaitsSince < now - (long)_limits.WriteTimeout.TotalMilliseconds;

    /// <summary>Sends whole records after all that was sent before. False when the peer has gone, or the response may send no more.</summary>
    /// <param name="records">The records.</param>
    /// <param name="response">Whose they are; null for the connection's own.</param>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> records, ResponseBody? response = null)
    {
        await TakeTurnAsync().ConfigureAwait(false);
        try
        {
            if (response?.TakesTurn() == false)
                return false;
            while (!records.IsEmpty && !_broken)
            {
                ValueTask<int> sending = _transport.SendAsync(records);
                int sent;
                if (sending.IsCompleted)
                {
                    sent = sending.Result;
                }
                else
                {
                    Volatile.Write(ref _waitsSince, Environment.TickCount64);
                    sent = await sending.ConfigureAwait(false);
                    Volatile.Write(ref _waitsSince, NotWaiting);
                }
                if (sent < 0)
                {
                    _broken = true;
                    break;
                }
                Sent += sent;
                records = records[sent..];
            }
            return !_broken;
        }
        finally
        {
            PassTurn();
        }
    }

    /// <summary>Sends a short answer of the connection itself without waiting for it: the reader must go on reading.</summary>
    /// <exception cref="FastCgiProtocolException">The peer asks and asks but does not read the answers.</exception>
    public void Post(ReadOnlySpan<byte> records)
    {
        if (Volatile.Read(ref _waitingAnswers) == _limits.MaxUnreadAnswers) // only the reader posts: nobody else makes it more
            throw new FastCgiProtocolException($"more than {_limits.MaxUnreadAnswers} answers asked for and not read");
        Interlocked.Increment(ref _waitingAnswers);
        _ = PostAsync(records.ToArray());
    }

    /// <summary>Completes when all that was posted is sent, or nothing can be any more.</summary>
    public async ValueTask WhenSettled()
    {
        do
            await WhenItsTurn().ConfigureAwait(false);
        while (Volatile.Read(ref _waitingAnswers) > 0);
    }

    /// <summary>Completes when all sends that were asked for before are over.</summary>
    public async ValueTask WhenItsTurn()
    {
        await TakeTurnAsync().ConfigureAwait(false);
        PassTurn();
    }

    /// <summary>Hardly ever is more than one response sent on a connection: then this is one atomic instruction.</summary>
    private Task TakeTurnAsync() => Interlocked.Increment(ref _senders) == 1 ? Task.CompletedTask : _queue.WaitAsync();

    private void PassTurn()
    {
        if (Interlocked.Decrement(ref _senders) > 0)
            _queue.Release();
    }

    private async Task PostAsync(ReadOnlyMemory<byte> records)
    {
        try
        {
            await SendAsync(records).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waitingAnswers); // whatever happened: the connection's end waits for this
        }
    }
}
