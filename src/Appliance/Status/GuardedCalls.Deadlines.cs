using System;
using System.Diagnostics;
using System.Threading;

namespace Appliance.Status;

/// <summary>What becomes of calls that overrun their deadline, and of rounds that overrun their total.</summary>
internal sealed partial class GuardedCalls<TAnswer>
{
    private readonly Timer _timer;
    private bool _isTimerSet;

    /// <summary>It goes off no later than the first is overdue, and is set once for many calls: they are far faster than their deadline.</summary>
    private void SetTimer(TimeSpan time)
    {
        _isTimerSet = true;
        _timer.Change(AtLeastATick(time), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
            _isTimerSet = false;
        TimeSpan next = LookAround();
        lock (_gate)
        {
            if (_rounds.Count > 0)
                SetTimer(Earlier(next, _total)); // for rounds that came meanwhile too
        }
    }

    /// <summary>Gives up what is overdue.</summary>
    /// <returns>When to look again.</returns>
    private TimeSpan LookAround()
    {
        TimeSpan next = _deadline;
        lock (_gate)
        {
            long now = Stopwatch.GetTimestamp(); // one for all: what is not overdue by it stays untouched
            if (_rounds.Count > 0 && _rounds[0].IsCalling)
                next = GiveUpIfOverdue(_rounds[0], now);
            foreach (GuardedRound<TAnswer> round in _rounds)
            {
                TimeSpan left = _total - Stopwatch.GetElapsedTime(round.Started, now);
                if (left <= TimeSpan.Zero)
                    SkipRest(round);
                else
                    next = Earlier(next, left);
            }
            if (_awaySince != 0 && Stopwatch.GetElapsedTime(_awaySince, now) >= _deadline)
                _worker = null; // a caller's continuation keeps it, which is not to: it ends when it is back
            if (_rounds.Exists(round => !round.IsDone))
                WakeWorker();
        }
        CompleteThoseDone();
        return next;
    }

    /// <returns>How much time the call has left.</returns>
    private TimeSpan GiveUpIfOverdue(GuardedRound<TAnswer> round, long now)
    {
        TimeSpan left = Earlier(
            _deadline - Stopwatch.GetElapsedTime(round.CallStarted, now), _total - Stopwatch.GetElapsedTime(round.Started, now));
        if (left > TimeSpan.Zero)
            return left;
        _hanging.Add(round.KeyOf(round.Next));
        _worker = null;
        round.Abandon(round.Next);
        Answer(round, round.Unanswered(round.Next, NoAnswer.Timeout));
        return _deadline;
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // Both timers and waits count milliseconds, and take one below 0 for "for ever".
    private static TimeSpan AtLeastATick(TimeSpan time) =>
        TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(time.TotalMilliseconds)));
}
