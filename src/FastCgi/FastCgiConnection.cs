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
internal sealed partial class FastCgiConnection
{
    private const int ReceivesBeforeYield = 32; // a peer as fast as us would keep the thread that serves everybody
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
}
