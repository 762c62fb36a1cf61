using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

namespace Appliance.Status;

/// <summary>Makes calls that may hang, one after the other, and waits for one no longer than a deadline, for all no longer than a total.</summary>
/// <remarks>
/// A call that reads from a device or a server that is gone blocks for as long as that is gone, and nothing can interrupt it. So
/// calls are made on a thread of this class, one for all callers. When one overruns the deadline the thread is left alone with it,
/// it is not made again until it returns, and a new thread goes on with the others. So there are never more threads than calls may
/// hang and one, and what hangs costs its deadline once, not with every answer. Callers take turns, within their totals.
/// </remarks>
/// <typeparam name="TAnswer">What a call answers.</typeparam>
[SuppressMessage("Design", "CA1001", Justification = "A timer that does not run and, on Unix, an event hold nothing to free.")]
internal sealed partial class GuardedCalls<TAnswer>
{
    // Origin: arbitrary. Longer than scrapers usually wait, so that their scrapes do not start a thread each.
    private static readonly TimeSpan WorkerPatience = TimeSpan.FromMinutes(2);

    private readonly string _name;
    private readonly TimeSpan _deadline;
    private readonly TimeSpan _total;
    private readonly int _mostHanging;
    private readonly AutoResetEvent _wake = new(false); // of the worker

    private readonly Lock _gate = new(); // guards all below, and the rounds' fields
    private readonly List<GuardedRound<TAnswer>> _rounds = []; // the first is at work, the others wait for their turn
    private readonly List<int> _hanging = []; // keys of the calls whose thread was left alone
    private Thread? _worker; // the one thread that may make calls
    private long _awaySince; // when the worker left for a caller's continuation, by Stopwatch; 0 while it is here
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
            ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromHours(1)); // arbitrary; a timer takes 49 days
        }
        _name = name;
        _deadline = deadline;
        _total = total;
        _mostHanging = mostHanging;
        _timer = new Timer(static calls => ((GuardedCalls<TAnswer>)calls!).OnTimer(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Makes each call of the round, or says why not. Blocks, but not for ever: see the class.</summary>
    public void Run(GuardedRound<TAnswer> round)
    {
        // It looks around by itself: the timer would need a thread of the pool, which callers like this one may have taken, all of them.
        Add(round, setsTimer: false);
        for (TimeSpan wait = Earlier(_deadline, _total); !round.Completion.Task.Wait(AtLeastATick(wait));)
            wait = LookAround();
    }

    /// <summary>
    /// The same without blocking. What is awaited goes on on the thread that made the calls, as to wake another costs as much as fifty of
    /// them: it must not block.
    /// </summary>
    public Task RunAsync(GuardedRound<TAnswer> round)
    {
        Add(round, setsTimer: true);
        return round.Completion.Task;
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

    private void Add(GuardedRound<TAnswer> round, bool setsTimer)
    {
        lock (_gate)
        {
            round.Started = Stopwatch.GetTimestamp();
            _rounds.Add(round);
            if (_rounds.Count == 1)
                SkipThoseNotToMake(round);
            if (!round.IsDone)
                WakeWorker();
            if (setsTimer && !round.IsDone && !_isTimerSet)
                SetTimer(Earlier(_deadline, _total));
        }
        CompleteThoseDone();
    }

    private void DoWhenIdle()
    {
        if (_whenIdle is null || _rounds.Count > 0)
            return;
        _worker = null;
        _wake.Set();
        if (_hanging.Count == 0)
            _whenIdle();
    }

    /// <summary>Without a thread, because the system has none to give, calls are not made in time; whoever looks around tries again.</summary>
    private void WakeWorker()
    {
        if (_worker is null)
        {
            try
            {
                Thread worker = new(Work) { IsBackground = true, Name = _name };
                worker.Start();
                _worker = worker; // it cannot look before the gate is released
            }
            catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
            {
                return;
            }
            _awaySince = 0;
        }
        _wake.Set();
    }

    private void Work()
    {
        bool isTired = false;
        while (TryBeginCall(isTired, out GuardedRound<TAnswer>? round, out int index, out int key))
        {
            if (round is not null)
                EndCall(round, key, Call(round, index));
            else
                CompleteThoseDone();
            isTired = round is null && !_wake.WaitOne(WorkerPatience);
        }
        _wake.Set(); // it may have taken what was meant for the next
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

    // False: this thread was given up or has waited long enough, and ends. No round: there is nothing to do now.
    private bool TryBeginCall(bool isTired, out GuardedRound<TAnswer>? round, out int index, out int key)
    {
        round = null;
        index = key = 0;
        lock (_gate)
        {
            if (_worker != Thread.CurrentThread)
                return false;
            if (_rounds.Count > 0 && !_rounds[0].IsWanted)
                SkipRest(_rounds[0]);
            if (_rounds.Count == 0 || _rounds[0].IsDone)
            {
                if (isTired && _rounds.Count == 0)
                    _worker = null;
                return _worker is not null;
            }
            round = _rounds[0];
            round.IsCalling = true;
            round.CallStarted = Stopwatch.GetTimestamp();
            index = round.Next;
            key = round.KeyOf(index);
            return true;
        }
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
            if (!round.IsDone)
                return;
        }
        CompleteThoseDone();
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

    /// <summary>Of a round in which no call is being made.</summary>
    private static void SkipRest(GuardedRound<TAnswer> round)
    {
        Debug.Assert(!round.IsCalling);
        while (!round.IsDone)
            Skip(round, NoAnswer.OutOfTime);
    }

    private static void Skip(GuardedRound<TAnswer> round, NoAnswer reason)
    {
        round.Took = 0;
        round.Take(round.Next, round.Unanswered(round.Next, reason));
        round.Next++;
    }

    /// <summary>Gives the turn to the next rounds, and lets the callers of those that are done go on; not behind the gate, as they do so here.</summary>
    private void CompleteThoseDone()
    {
        while (TryTakeDone(out GuardedRound<TAnswer>? done))
            done.Completion.SetResult();
    }

    private bool TryTakeDone([NotNullWhen(true)] out GuardedRound<TAnswer>? done)
    {
        lock (_gate)
        {
            bool isWorker = _worker == Thread.CurrentThread;
            if (isWorker)
                _awaySince = 0;
            int index = _rounds.FindIndex(round => round.IsDone);
            done = index < 0 ? null : _rounds[index];
            if (done is null)
                return false;
            _rounds.RemoveAt(index);
            if (index == 0 && _rounds.Count > 0)
            {
                SkipThoseNotToMake(_rounds[0]);
                WakeWorker();
            }
            DoWhenIdle();
            if (isWorker)
                _awaySince = Stopwatch.GetTimestamp();
            return true;
        }
    }
}
