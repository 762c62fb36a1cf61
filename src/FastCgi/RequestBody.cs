using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace FastCgi;

/// <summary>
/// The STDIN stream of one request on its way from the connection's reader, which appends, to the handler, which reads.
/// Holds <see cref="ServerLimits.BodyBufferBytes"/> at the most; then the connection's reader waits for the handler.
/// </summary>
internal sealed class RequestBody : PipeReader
{
    private readonly ServerLimits _limits;
    private readonly HandlerScheduler _scheduler = new();
    private readonly Pipe _pipe;
    private long? _declared;
    private long _received;
    private bool _dropping;
    private volatile bool _handlerWaits;
    private volatile bool _timedOut;

    public RequestBody(ServerLimits limits)
    {
        _limits = limits;
        _pipe = new Pipe(new PipeOptions(
            readerScheduler: _scheduler,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: limits.BodyBufferBytes,
            resumeWriterThreshold: limits.BodyBufferBytes / 2,
            useSynchronizationContext: false));
    }

    /// <summary>Whether the front has finished the stream.</summary>
    public bool Ended { get; private set; }

    /// <summary>Gets ready for the next request; only when neither side uses the body any more.</summary>
    public void Reset()
    {
        _pipe.Writer.Complete();
        _pipe.Reader.Complete();
        _pipe.Reset();
        _declared = null;
        _received = 0;
        _dropping = false;
        _timedOut = false;
        Ended = false;
    }

    /// <summary>Called when the parameters are complete and the handler is known, before it starts.</summary>
    public void Expect(long? declared, bool handlerMayBlock)
    {
        _declared = declared;
        _scheduler.UsesThreadPool = handlerMayBlock;
    }

    /// <summary>Hands a piece to the handler; waits while the buffer is full.</summary>
    public async ValueTask AppendAsync(ReadOnlySequence<byte> piece)
    {
        _received += piece.Length;
        if (_dropping)
            return;
        if (_received > _limits.MaxBodyBytes)
        {
            Fail(new RequestRefusedException(413, $"the body is longer than {_limits.MaxBodyBytes} bytes"));
            return;
        }
        foreach (ReadOnlyMemory<byte> part in piece)
            _pipe.Writer.Write(part.Span);
        FlushResult flushed = await _pipe.Writer.FlushAsync().ConfigureAwait(false);
        _dropping = flushed.IsCompleted; // the handler reads no further
    }

    /// <summary>The front has finished the stream, rightly or short of what it declared (FastCGI 1.0 §6.2).</summary>
    public void End()
    {
        Ended = true;
        if (_received < _declared)
            Fail(new RequestRefusedException(400, $"the body ends after {_received} of {_declared} bytes"));
        else if (!_dropping)
            _pipe.Writer.Complete();
    }

    /// <summary>The rest will never come: a handler that reads gets the exception.</summary>
    public void Fail(Exception reason)
    {
        if (!_dropping)
            _pipe.Writer.Complete(reason);
        _dropping = true;
    }

    /// <summary>Nothing has come for too long. Concerns only a handler that waits for it; it resumes on the pool.</summary>
    public void TimeOut()
    {
        if (!_handlerWaits)
            return;
        _timedOut = true;
        _scheduler.UsesThreadPool = true;
        _pipe.Reader.CancelPendingRead();
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult read;
        ValueTask<ReadResult> reading = _pipe.Reader.ReadAsync(cancellationToken);
        if (reading.IsCompleted)
        {
            read = reading.Result;
        }
        else
        {
            _handlerWaits = true;
            try
            {
                read = await reading.ConfigureAwait(false);
            }
            finally
            {
                _handlerWaits = false;
            }
        }
        if (read.IsCanceled && _timedOut)
            throw new RequestRefusedException(408, $"nothing of the body has come for {_limits.BodyTimeout.TotalSeconds} seconds");
        return read;
    }

    public override bool TryRead(out ReadResult result) => _pipe.Reader.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => _pipe.Reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        _pipe.Reader.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _pipe.Reader.CancelPendingRead();

    /// <summary>The handler reads no further: the rest is dropped as it comes.</summary>
    public override void Complete(Exception? exception = null) => _pipe.Reader.Complete();

    /// <summary>Resumes a handler that waits for the body where it may run.</summary>
    private sealed class HandlerScheduler : PipeScheduler
    {
        public volatile bool UsesThreadPool;

        public override void Schedule(Action<object?> action, object? state)
        {
            if (UsesThreadPool)
                System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
            else
                action(state);
        }
    }
}
