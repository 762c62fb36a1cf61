using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// One connection of a front, from its first byte to its close. Reading goes on while handlers run and write, so
/// that an abort, a closed connection or another request is noticed at once. Reused for one transport after the other.
/// </summary>
internal sealed class FastCgiConnection
{
    private const int ReceivesBeforeYield = 32; // a peer as fast as us would keep the thread that serves everybody
    private const int JustUsedMilliseconds = 200; // arbitrary: the front of a busy device needs less to use a connection again
    private const long NotWaiting = long.MaxValue;

    private readonly ITransport _transport;
    private readonly ServerLimits _limits;
    private readonly RequestDispatcher _dispatcher;
    private readonly EventLog _log;
    private readonly ServerCounters _counters;
    private readonly ConnectionInput _input;
    private readonly RequestTable _requests;
    private readonly BreakOff _breakOff;
    private readonly LingeringClose _lingering;
    private long _openedAt;
    private long _waitingSince = NotWaiting;
    private long _lateFrom; // of the bytes received: requests in those before it had come when the server was stopped
    private volatile bool _draining;
    private volatile bool _lingers;
    private volatile bool _inputEnded;

    public FastCgiConnection(ITransport transport, RequestDispatcher dispatcher)
    {
        _transport = transport;
        _limits = dispatcher.Limits;
        _dispatcher = dispatcher;
        _log = dispatcher.Log;
        _counters = dispatcher.Counters;
        _input = new ConnectionInput(transport);
        Output = new ConnectionOutput(transport, _limits);
        _breakOff = new BreakOff(transport, Output, _limits);
        _lingering = new LingeringClose(transport, Output, _limits);
        _requests = new RequestTable(this, dispatcher.Requests, _limits);
        Conversation = new Conversation(_requests, Output, dispatcher, transport, _limits);
    }

    public ConnectionOutput Output { get; }

    public Conversation Conversation { get; }

    /// <summary>Whether it stands for the one request of a CGI program.</summary>
    public bool IsCgi { get; init; }

    /// <summary>Tells it from all other connections since the server was made.</summary>
    public long Number { get; set; }

    /// <summary>Whether no request is open.</summary>
    public bool IsIdle => _requests.IsIdle;

    /// <summary>Bytes of all the connections this object has served.</summary>
    public long BytesReceived => _input.BytesReceived;

    /// <summary>The same of bytes sent.</summary>
    public long BytesSent => Output.Sent;

    /// <summary>Serves the transport until it is closed and no handler runs any more. Does not throw.</summary>
    public async Task ServeAsync()
    {
        Volatile.Write(ref _openedAt, Environment.TickCount64);
        Output.Reset(); // a sweep may have broken it between the last connection's end and its leaving the list of open ones
        try
        {
            await ConverseAsync().ConfigureAwait(false);
            if (!_inputEnded && !_requests.NothingLeftToRead)
                await LingerAsync().ConfigureAwait(false);
        }
        catch (FastCgiProtocolException e)
        {
            ServerCounters.Add(ref _counters.ProtocolErrors);
            _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, $"connection closed: {e.Message}");
        }
        catch (Exception e)
        {
            _log.ReportFailure(EventKind.ConnectionFailed, "connection closed", e);
        }
        await CloseAsync().ConfigureAwait(false);
    }

    /// <summary>For a handler that has kept the thread that serves everybody for long.</summary>
    public OthersFirst OthersFirst() => new(_transport);

    /// <summary>Runs something on the thread that serves everybody, after what has already happened was handled.</summary>
    public void Post(Action action) => _transport.Post(action);

    /// <summary>Adds what is known of the open requests. From any thread, while the connection cannot be taken for another.</summary>
    public void AddFigures(List<RequestFigures> figures, long now) => _requests.AddFigures(figures, Number, now);

    /// <summary>A running request has been cancelled.</summary>
    public void CountCancelled(bool timedOut) => ServerCounters.Add(ref timedOut ? ref _counters.TimedOut : ref _counters.Aborted);

    /// <summary>So many bytes of answers wait for a front to take them; or, less than zero, do not any more.</summary>
    public void CountUnsent(int bytes) => Interlocked.Add(ref _counters.UnsentBytes, bytes);

    /// <summary>A handler has ended and its response, as far as that was possible, is sent.</summary>
    public void Finish(FastCgiRequest request)
    {
        request.CompleteStreams();
        _requests.Finish(request);
    }

    /// <summary>No request is left while the reader waits: for the next one, or for the front to close, which our end asks it to.</summary>
    public void LastRequestEnded(bool closes)
    {
        _lingers = closes;
        Volatile.Write(ref _waitingSince, Environment.TickCount64);
        if (closes && !_draining && Output.IsSettled)
            _transport.FinishSending();
        else if (closes)
            _ = FinishSendingWhenSettledAsync(_requests.Connection);
    }

    private async Task FinishSendingWhenSettledAsync(int connection)
    {
        await Output.WhenSettled().ConfigureAwait(false);
        if (_draining)
            await OthersFirst(); // where the reader runs: it has not received anything then that it has not heard
        _requests.IfStillWaiting(connection, FinishSending);
    }

    private void FinishSending()
    {
        if (!_draining || !HasMoreToHear())
            _transport.FinishSending();
    }

    /// <summary>The front has been served on it before, by another program.</summary>
    public void TakeOver() => _requests.TakeOver();

    /// <summary>Whether nothing is in flight, and all that was received is heard. Called where the reader runs.</summary>
    public bool IsQuiet => _requests.AwaitsRequest && HasHeardAll && Output.IsSettled;

    /// <summary>
    /// Closes as soon as nothing is in flight: at once when the front only keeps the connection for later, unless it has used it a moment ago.
    /// </summary>
    /// <remarks>
    /// Called where the reader runs. What the front has sent already is served. So is the next request of a front that uses the connection
    /// again and again, which cannot be told without a race to use it no more, except at the end of an answer; and the first one of a front
    /// that has just connected.
    /// </remarks>
    public void Drain(long now)
    {
        if (_draining)
            return;
        _lateFrom = _input.BytesReceived + _transport.UnreadInput();
        _draining = true;
        if (AwaitsNextRequest)
            CloseUnlessJustUsed(now);
        else if (TurnAwayWhenAllIsHeard())
            LastRequestEnded(closes: true);
    }

    /// <summary>
    /// For an answer of which a part is sent and the rest will not come: breaks the connection, so that the front sees it. False where
    /// other requests share the connection, whose answers that would cost.
    /// </summary>
    public async ValueTask<bool> TryBreakOffAsync(FastCgiRequest request)
    {
        request.CompleteStreams(); // others may stand behind a body that is not read any more
        if (!_requests.IsAlone(request))
            return false;
        await _breakOff.WhenTakenAsync().ConfigureAwait(false);
        if (!_requests.IsAlone(request))
            return false; // another has come meanwhile
        await _breakOff.EndAsync().ConfigureAwait(false);
        await OthersFirst(); // what has come while that was sent is heard
        if (!_requests.IsAlone(request))
            return false;
        Abort();
        return true;
    }

    /// <summary>Closes now; handlers are told, and what they still write goes nowhere.</summary>
    public void Abort()
    {
        Output.Break();
        _transport.Abort();
        _lingering.GiveUp();
    }

    /// <summary>Closes or cancels what has taken too long. Called about once a second, or more often during a drain, while the reader may be at work.</summary>
    public void Sweep(long now)
    {
        _breakOff.Sweep(now);
        if (_draining && AwaitsNextRequest)
            CloseUnlessJustUsed(now);
        if (Output.IsOverdue(now))
            Abandon("the front has not taken a response for", _limits.WriteTimeout);
        EndOverdue(now);

        if (_dispatcher.Observer is { } observer)
            _requests.Clock.ShowRunning(observer, now);

        // A front that has gone shows in what is received, unless nothing is: the input has ended, or a body is not wanted yet.
        long waitingSince = Volatile.Read(ref _waitingSince);
        if (waitingSince == NotWaiting)
        {
            if (_transport.PeerHasGone())
                _requests.CancelAll();
            Conversation.Sweep(now);
            return;
        }

        if (_lingering.IsInVain)
            Abort();
        else if (_lingers)
            AbandonAfter(_limits.LingerTimeout, now, waitingSince, "the front has gone on sending for");
        else if (_requests.Begun == 0 && (_draining || !Conversation.HasAnsweredValues)) // a health check asks for values and nothing else
            AbandonAfter(_limits.HeaderTimeout, now, Volatile.Read(ref _openedAt), "no request has come for");
        else if (_requests.Clock.OldestReceiving is long begun && begun != NotWaiting)
            AbandonAfter(_limits.HeaderTimeout, now, begun, "a request's parameters have not ended after");
        else if (_requests.IsIdle)
            AbandonAfter(_limits.IdleTimeout, now, waitingSince, "idle for");
        else
            _requests.Clock.TimeOutBodies(now);
    }

    private void EndOverdue(long now)
    {
        bool shared = _requests.AreSeveral;
        foreach (FastCgiRequest stuck in _requests.Clock.CancelOverdue(now, (long)_limits.LingerTimeout.TotalMilliseconds, shared, _dispatcher.Blocking))
        {
            if (shared)
                _ = EndWithoutHandlerAsync(stuck);
            else
                Abandon("a request has not ended although it was cancelled after", _limits.RequestTimeout);
        }
    }

    /// <summary>
    /// Ends an abandoned request, whose handler may still be writing: in place of an answer of which nothing is sent, a problem, and behind
    /// a part of one the end that a broken-off answer has on a connection that others share.
    /// </summary>
    private async Task EndWithoutHandlerAsync(FastCgiRequest request)
    {
        try
        {
            request.AbandonStreams();
            await Output.WhenItsTurn().ConfigureAwait(false); // no send of the handler's begins any more, and now none is under way
            var answer = new FastCgiResponse(request, _limits, standsIn: true);
            answer.Begin();
            if (request.Response.HasReachedFront)
            {
                await answer.CutShortAsync(new EndRequestBody(1, ProtocolStatus.RequestComplete)).ConfigureAwait(false);
            }
            else
            {
                request.Answer = answer;
                await ProblemHandler.TimedOut.HandleAsync(request, answer).ConfigureAwait(false);
                await answer.CompleteAsync(1).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            _log.ReportFailure(EventKind.AnswerFailed, "an abandoned request could not be ended", e);
            Abort();
        }
        _requests.FinishAbandoned(request);
    }

    private async ValueTask ConverseAsync()
    {
        int immediate = 0;
        while (_requests.ReaderStartsWaiting() || (_draining && HasMoreToHear()))
        {
            if (++immediate % ReceivesBeforeYield == 0)
                await OthersFirst(); // while nothing is in hand that was received and not heard
            // An idle connection holds nothing: neither a request nor a buffer to receive one.
            ValueTask<int> coming = _requests.IsIdle && _requests.Begun > 0 && _input.IsUsedUp ? _input.WhenReadyAsync() : default;
            if (!coming.IsCompleted)
            {
                immediate = 0;
                StartWaiting();
                await coming.ConfigureAwait(false);
            }
            ValueTask<int> receiving = _input.ReceiveAsync();
            int received;
            if (receiving.IsCompleted)
            {
                received = receiving.Result;
            }
            else
            {
                immediate = 0;
                StartWaiting();
                received = await receiving.ConfigureAwait(false);
            }
            _requests.ReaderStopsWaiting();
            Volatile.Write(ref _waitingSince, NotWaiting);
            if (received <= 0)
            {
                await InputEndedAsync(broken: received < 0).ConfigureAwait(false);
                return;
            }
            await _input.HearAsync(received, Conversation).ConfigureAwait(false);
            if (_draining)
                TurnAwayWhenAllIsHeard();
        }
        if (!Output.IsSettled)
            await Output.WhenSettled().ConfigureAwait(false);
    }

    private bool AwaitsNextRequest => _requests.Begun > 0 && _requests.AwaitsRequest && HasHeardAll && _transport.UnreadInput() == 0;

    private void CloseUnlessJustUsed(long now)
    {
        if (now - Volatile.Read(ref _waitingSince) < JustUsedMilliseconds)
            return;
        // A request that comes between the look and the close would be lost, and its front not know. Now the reader finds the end of the
        // stream, after what has come since the look.
        if (!_transport.TryStopReceiving() && _transport.UnreadInput() == 0)
            Abort();
    }

    private bool HasHeardAll => _input.IsUsedUp && !_input.IsInsideRecord;

    /// <summary>True when that leaves nothing in flight while the reader waits.</summary>
    private bool TurnAwayWhenAllIsHeard() =>
        _requests.Begun > 0 && _input.BytesReceived >= _lateFrom && HasHeardAll && _requests.TurnAway();

    /// <summary>After the last request before a close: whether the front has sent another all the same. When not, it cannot any more.</summary>
    private bool HasMoreToHear()
    {
        // Not while the front sends a body: it would not look for the answer any more.
        if (_transport.UnreadInput() == 0 && _requests.NothingLeftToRead)
            _transport.TryStopReceiving();
        return _transport.UnreadInput() > 0; // once more, for what has come in between
    }

    private void StartWaiting()
    {
        long now = Environment.TickCount64;
        _requests.NoteReceiving(now);
        Volatile.Write(ref _waitingSince, now);
    }

    /// <summary>
    /// The front has finished sending. If it only did that, and everything asked for has been received, the answers are still
    /// delivered; if it closed the connection, or stopped in the middle, nobody waits for them.
    /// </summary>
    private async ValueTask InputEndedAsync(bool broken)
    {
        _inputEnded = true;
        if (!broken && _requests.AllReceived() && !_transport.PeerHasGone())
        {
            await _requests.WhenAllFinished().ConfigureAwait(false);
            await Output.WhenSettled().ConfigureAwait(false);
            return;
        }
        if (_log.IsEnabled(ServerLogLevel.Debug) && (_input.IsInsideRecord || !_requests.AllReceived()))
            _log.Write(ServerLogLevel.Debug, "connection closed by the front in the middle of a request");
    }

    private async ValueTask LingerAsync()
    {
        _lingers = true;
        Volatile.Write(ref _waitingSince, Environment.TickCount64);
        await _lingering.DiscardAsync().ConfigureAwait(false);
        Volatile.Write(ref _waitingSince, NotWaiting);
    }

    private async ValueTask CloseAsync()
    {
        Output.Break();
        _requests.DropReceiving();
        if (!_requests.WhenAllFinished().IsCompleted || !Output.IsSettled)
            await CutOffAsync().ConfigureAwait(false);
        Reset();
    }

    private async ValueTask CutOffAsync()
    {
        _transport.Abort();
        _breakOff.GiveUp();
        _requests.CancelAll();
        _requests.FailBodies(new OperationCanceledException("the front has closed the connection"));
        await _requests.WhenAllFinished().ConfigureAwait(false);
        await Output.WhenSettled().ConfigureAwait(false);
    }

    private void Reset()
    {
        _input.Reset();
        _requests.Reset();
        Conversation.Reset();
        Output.Reset();
        _breakOff.Reset();
        _waitingSince = NotWaiting;
        _draining = false;
        _lingers = false;
        _inputEnded = false;
    }

    private void AbandonAfter(TimeSpan limit, long now, long since, string why)
    {
        if (now - since > limit.TotalMilliseconds)
            Abandon(why, limit);
    }

    private void Abandon(string why, TimeSpan limit)
    {
        ServerCounters.Add(ref _counters.ConnectionsTimedOut);
        if (_log.IsEnabled(ServerLogLevel.Debug))
            _log.Write(ServerLogLevel.Debug, $"connection closed: {why} {limit.TotalSeconds} s");
        Abort();
    }
}
