using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Appliance.Status;

/// <summary>Makes calls that may hang, one after the other, and waits for one no longer than a deadline, for all no longer than a total.</summary>
/// <remarks>
/// A call that reads from a device or a server that is gone blocks for as long as that is gone, and nothing can interrupt it. So
/// calls are made on a thread of this class, one for all callers. When one overruns the deadline the thread is left alone with it,
/// it is not made again until it returns, and a new thread goes on with the others. So there are never more threads than calls may
/// hang and one, and what hangs costs its deadline once, not with every answer. Callers take turns, within their totals.
/// </remarks>
/// <typeparam name="TAnswer">What a call answers.</typeparam>
internal sealed class GuardedCalls<TAnswer>
{
    // Origin: arbitrary. Longer than scrapers usually wait, so that their scrapes do not start a thread each.
    private static readonly TimeSpan WorkerPatience = TimeSpan.FromMinutes(2);

    private readonly string _name;
    private readonly TimeSpan _deadline;
    private readonly TimeSpan _total;
    private readonly int _mostHanging;

    private readonly object _turn = new(); // held for a whole round: callers take turns
    private readonly object _gate = new(); // guards all below, and the round's fields
    private readonly List<int> _hanging = []; // keys of the calls whose thread was left alone
    private Thread? _worker; // the one thread that may work on _round
    private GuardedRound<TAnswer>? _round;
    private Action? _whenIdle;

    /// <param name="name">Of the thread.</param>
    /// <param name="deadline">How long one call may take; more than nothing, at most an hour.</param>
    /// <param name="total">How long a caller waits for all its calls, those of callers before it among them; the same bounds.</param>
    /// <param name="mostHanging">With so many that hang, no more calls are made.</param>
    public GuardedCalls(string name, TimeSpan deadline, TimeSpan total, int mostHanging)
    {
        foreach (TimeSpan time in (ReadOnlySpan<TimeSpan>)[deadline, total])
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromHours(1)); // arbitrary; Monitor.Wait takes 24 days
        }
        _name = name;
        _deadline = deadline;
        _total = total;
        _mostHanging = mostHanging;
    }

    /// <summary>Makes each call of the round, or says why not. Blocks, but not for ever: see the class.</summary>
    public void Run(GuardedRound<TAnswer> round)
    {
        long start = Stopwatch.GetTimestamp();
        if (!Monitor.TryEnter(_turn, _total))
        {
            SkipRest(round);
            return;
        }
        try
        {
            RunInTurn(round, start);
        }
        finally
        {
            Monitor.Exit(_turn);
        }
    }

    /// <summary>Few callers come from now on, or none: the thread ends, and as soon as no call is being made, something is done.</summary>
    public void Retire(Action whenIdle)
    {
        lock (_gate)
        {
            _whenIdle = whenIdle;
            DoWhenIdle();
        }
    }

    private void RunInTurn(GuardedRound<TAnswer> round, long start)
    {
        lock (_gate)
        {
            _round = round;
            SkipThoseNotToMake(round);
            while (!round.IsDone)
            {
                EnsureWorker();
                WaitOrGiveUp(round, start);
            }
            _round = null;
            DoWhenIdle();
        }
    }

    private void DoWhenIdle()
    {
        if (_whenIdle is null || _round is not null)
            return;
        _worker = null;
        Monitor.PulseAll(_gate);
        if (_hanging.Count == 0)
            _whenIdle();
    }

    private void EnsureWorker()
    {
        if (_worker is null)
        {
            Thread worker = new(Work) { IsBackground = true, Name = _name };
            worker.Start();
            _worker = worker; // it cannot look before the gate is released
        }
        Monitor.PulseAll(_gate);
    }

    private void WaitOrGiveUp(GuardedRound<TAnswer> round, long start)
    {
        TimeSpan left = _total - Stopwatch.GetElapsedTime(start);
        bool isOver = left <= TimeSpan.Zero;
        TimeSpan ofCall = round.IsCalling ? _deadline - Stopwatch.GetElapsedTime(round.CallStarted) : _deadline;
        left = ofCall < left ? ofCall : left;
        if (left > TimeSpan.Zero)
        {
            Monitor.Wait(_gate, left);
            return;
        }
        // Only a call that has begun can overrun: a worker that was not scheduled yet says nothing about it.
        if (round.IsCalling)
        {
            _hanging.Add(round.KeyOf(round.Next));
            _worker = null;
            round.Abandon(round.Next);
            Answer(round, round.Unanswered(round.Next, NoAnswer.Timeout));
        }
        if (isOver)
            SkipRest(round);
    }

    private void Work()
    {
        while (TryBeginCall(out GuardedRound<TAnswer>? round, out int index, out int key))
            EndCall(round!, key, Call(round!, index));
    }

    /// <summary>An exception on this thread would end the process: whatever goes wrong is this call's answer.</summary>
    private static TAnswer Call(GuardedRound<TAnswer> round, int index)
    {
        try
        {
            return round.Call(index);
        }
        catch (Exception e)
        {
            return round.Failed(index, e);
        }
    }

    // False: this thread was given up, and ends.
    private bool TryBeginCall(out GuardedRound<TAnswer>? round, out int index, out int key)
    {
        lock (_gate)
        {
            while (_worker == Thread.CurrentThread)
            {
                if (_round is { IsDone: false })
                {
                    round = _round;
                    round.IsCalling = true;
                    round.CallStarted = Stopwatch.GetTimestamp();
                    index = round.Next;
                    key = round.KeyOf(index);
                    return true;
                }
                if (!Monitor.Wait(_gate, WorkerPatience) && _round is null)
                    _worker = null;
            }
        }
        round = null;
        index = key = 0;
        return false;
    }

    private void EndCall(GuardedRound<TAnswer> round, int key, TAnswer answer)
    {
        lock (_gate)
        {
            if (_worker != Thread.CurrentThread)
            {
                // Too late for the round, but what hung has come back: it may be asked again.
                _hanging.Remove(key);
                DoWhenIdle();
                return;
            }
            Answer(round, answer);
            if (round.IsDone)
                Monitor.PulseAll(_gate);
        }
    }

    private void Answer(GuardedRound<TAnswer> round, TAnswer answer)
    {
        round.Took = round.IsCalling ? Stopwatch.GetTimestamp() - round.CallStarted : 0;
        round.IsCalling = false;
        round.Take(round.Next++, answer);
        SkipThoseNotToMake(round);
    }

    private void SkipThoseNotToMake(GuardedRound<TAnswer> round)
    {
        while (!round.IsDone)
        {
            NoAnswer? reason = _hanging.Contains(round.KeyOf(round.Next)) ? NoAnswer.Timeout
                : _hanging.Count >= _mostHanging ? NoAnswer.TooManyHang
                : null;
            if (reason is null)
                return;
            Skip(round, reason.Value);
        }
    }

    private static void SkipRest(GuardedRound<TAnswer> round)
    {
        while (!round.IsDone)
            Skip(round, NoAnswer.OutOfTime);
    }

    private static void Skip(GuardedRound<TAnswer> round, NoAnswer reason)
    {
        round.Took = 0;
        round.Take(round.Next, round.Unanswered(round.Next, reason));
        round.Next++;
    }
}
