using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace FastCgi;

/// <summary>
/// The STDIN stream of one request, or a filter's DATA stream, on its way from the connection's reader, which appends, to the
/// handler, which reads. Holds <see cref="ServerLimits.BodyBufferBytes"/> at the most; then the connection's reader waits for the handler.
/// </summary>
/// <remarks>Most requests have no body: the pipe is used from the first byte or the first read on, whichever comes first.</remarks>
internal sealed class RequestBody : PipeReader
{
    private const int Untouched = 0;
    private const int Piped = 1;
    private const int EndedEmpty = 2;
    private const int Unwanted = 3;

    private readonly string _name;
    private readonly ServerLimits _limits;
    private readonly HandlerScheduler _scheduler = new();
    private readonly Pipe _pipe;
    private long? _declared;
    private long _received;
    private bool _dropping;
    private long _activeAt;
    private int _use = Untouched;
    private TaskCompletionSource? _whenEnded;
    private volatile bool _handlerWaits;
    private volatile bool _timedOut;
    private volatile bool _failed;
    private volatile bool _abandoned;

    /// <param name="name">What it is called in errors.</param>
    /// <param name="limits">Its bounds.</param>
    public RequestBody(string name, ServerLimits limits)
    {
        _name = name;
        _limits = limits;
        _pipe = new Pipe(new PipeOptions(
            readerScheduler: _scheduler,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: limits.BodyBufferBytes,
            resumeWriterThreshold: limits.BodyBufferBytes / 2,
            useSynchronizationContext: false));
    }

    /// <summary>Whether what comes beyond the declared length is dropped (FastCGI 1.0 §6.4), not handed on.</summary>
    public bool EndsAtLength { get; init; }

    /// <summary>Whether the front has finished the stream.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whether more has come than was declared, or it has ended with less.</summary>
    public bool LengthDiffers => _received > _declared || (Ended && _received < _declared);

    /// <summary>Gets ready for the next request; only when neither side uses the body any more.</summary>
    public void Reset()
    {
        if (_use == Piped)
        {
            _pipe.Writer.Complete();
            _pipe.Reader.Complete();
            _pipe.Reset();
        }
        _use = Untouched;
        _declared = null;
        _received = 0;
        _dropping = false;
        _timedOut = false;
        _failed = false;
        _abandoned = false;
        _handlerWaits = false;
        _whenEnded = null;
        Ended = false;
    }

    /// <summary>Called when the parameters are complete and the handler is known, before it starts.</summary>
    public void Expect(long? declared, bool handlerMayBlock)
    {
        _declared = declared;
        _scheduler.UsesThreadPool = handlerMayBlock;
        Volatile.Write(ref _activeAt, Environment.TickCount64);
    }

    /// <summary>The handler finds it empty, whether or not the front sends its end.</summary>
    public void ExpectNothing()
    {
        _dropping = true;
        Leave(EndedEmpty);
    }

    /// <summary>Hands a piece to the handler; waits while the buffer is full.</summary>
    public async ValueTask AppendAsync(ReadOnlySequence<byte> piece)
    {
        _received += piece.Length;
        Volatile.Write(ref _activeAt, Environment.TickCount64);
        if (_dropping)
            return;
        if (EndsAtLength && _received > _declared)
        {
            piece = piece.Slice(0, Math.Max(0, piece.Length - (_received - _declared.Value)));
            if (piece.IsEmpty)
                return;
        }
        else if (_received > _limits.MaxBodyBytes)
        {
            Fail(new RequestRefusedException(413, $"{_name} is longer than {_limits.MaxBodyBytes} bytes"));
            return;
        }
        if (!UsesPipe())
        {
            _dropping = true;
            return;
        }
        foreach (ReadOnlyMemory<byte> part in piece)
            Append(part.Span);
        FlushResult flushed = await _pipe.Writer.FlushAsync().ConfigureAwait(false);
        if (flushed.IsCanceled)
            Fail(new RequestRefusedException(503, $"{_name} came faster than it was read, and others wait for the connection"));
        _dropping |= flushed.IsCompleted; // the handler reads no further
    }

    /// <summary>In one segment, where PipeWriter.Write would make one for every 4 KB.</summary>
    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_pipe.Writer.GetSpan(bytes.Length));
        _pipe.Writer.Advance(bytes.Length);
    }

    /// <summary>Gives the body up whose full buffer holds up the reader. From any thread.</summary>
    public void GiveUp() => _pipe.Writer.CancelPendingFlush();

    /// <summary>Completes when the front has said the end of the stream, or will not; what comes until then is dropped.</summary>
    public Task WhenEndedAsync()
    {
        Complete();
        _handlerWaits = true;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _whenEnded, ended);
        if (Ended || _failed)
            ended.TrySetResult();
        return ended.Task;
    }

    /// <summary>The front has finished the stream, rightly or short of what it declared (FastCGI 1.0 §6.2).</summary>
    public void End()
    {
        Ended = true;
        SayEnded();
        if (_received < _declared)
            Fail(new RequestRefusedException(400, $"{_name} ends after {_received} of {_declared} bytes"));
        else if (!_dropping && Leave(EndedEmpty) == Piped)
            _pipe.Writer.Complete();
    }

    /// <summary>The rest will never come: a handler that reads gets the exception.</summary>
    public void Fail(Exception reason)
    {
        if (!_dropping && UsesPipe())
            _pipe.Writer.Complete(reason);
        _dropping = true;
        _failed = true;
        SayEnded();
    }

    /// <summary>Ends a handler's wait for a body of which nothing has come for too long; it resumes on the pool.</summary>
    public void TimeOut(long now)
    {
        if (!_handlerWaits || now - Volatile.Read(ref _activeAt) <= _limits.BodyTimeout.TotalMilliseconds)
            return;
        _timedOut = true;
        _scheduler.UsesThreadPool = true;
        _pipe.Reader.CancelPendingRead();
        SayEnded();
    }

    /// <summary>Nothing more comes, and nobody waits: neither the handler, which gets an exception, nor the reader. From any thread.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _failed = true;
        SayEnded();
        if (Volatile.Read(ref _use) != Piped)
            return;
        _scheduler.UsesThreadPool = true;
        _pipe.Reader.CancelPendingRead();
        _pipe.Writer.CancelPendingFlush();
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!UsesPipe())
            return Empty;
        ThrowIfAbandoned();
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
        if (read.IsCanceled)
            ThrowIfAbandoned();
        if (read.IsCanceled && _timedOut)
            throw new RequestRefusedException(408, $"nothing of {_name} has come for {_limits.BodyTimeout.TotalSeconds} seconds");
        return read;
    }

    public override bool TryRead(out ReadResult result)
    {
        result = Empty;
        return !UsesPipe() || _pipe.Reader.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (UsesPipe())
            _pipe.Reader.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        if (UsesPipe())
            _pipe.Reader.CancelPendingRead();
    }

    /// <summary>The handler reads no further: the rest is dropped as it comes.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (Leave(Unwanted) == Piped)
            _pipe.Reader.Complete();
    }

    private static ReadResult Empty => new(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);

    private void ThrowIfAbandoned()
    {
        if (_abandoned)
            throw new OperationCanceledException("the request was ended without its handler");
    }

    private void SayEnded()
    {
        Interlocked.MemoryBarrier(); // either this sees the one who waits, or he sees why he need not
        _whenEnded?.TrySetResult();
    }

    /// <summary>Begins to use the pipe, unless there is nothing to pass through it.</summary>
    private bool UsesPipe() => Leave(Piped) is Untouched or Piped;

    /// <summary>Leaves <see cref="Untouched"/> for another use of the body, once. Reader and handler may meet here.</summary>
    /// <returns>The use before.</returns>
    private int Leave(int use) => Volatile.Read(ref _use) is int now && now != Untouched ? now : Interlocked.CompareExchange(ref _use, use, Untouched);

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
