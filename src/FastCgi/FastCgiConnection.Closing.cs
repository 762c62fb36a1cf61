using System;
using System.Threading;
using System.Threading.Tasks;

namespace FastCgi;

/// <summary>How the connection closes with its last request, in a drain, with an answer that breaks off, or now.</summary>
internal sealed partial class FastCgiConnection
{
    private long _lateFrom; // of the bytes received: requests in those before it had come when the server was stopped

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

    private bool AwaitsNextRequest => _requests.Begun > 0 && _requests.AwaitsRequest && HasHeardAll && _transport.UnreadInput() == 0;

    private void CloseUnlessJustUsed(long now)
    {
        if (now - Volatile.Read(ref _waitingSince) < _limits.DrainIdleTimeout.TotalMilliseconds)
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
}
