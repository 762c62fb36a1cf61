using System;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>What becomes of a connection, and of its requests, that take too long.</summary>
internal sealed partial class FastCgiConnection
{
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
