using System;
using System.Threading;
using System.Threading.Tasks;

namespace Appliance.Status;

/// <summary>Samples the device for all who watch it: once per beat however many they are, and not at all while there is nobody.</summary>
/// <remarks>
/// A beat is a second. At each, all watchers are woken; one takes the latest sample if it is due for it, and looks around otherwise.
/// A watcher that is busy sending misses beats, and later takes the latest sample: nothing queues. A sample is taken at a beat at which
/// somebody is due, so a watcher that wants one a minute costs one a minute.
/// </remarks>
/// <param name="sample">Takes a sample, on the thread pool, given the number of the beat: what is sent of it.</param>
/// <param name="time">The clock that beats.</param>
/// <param name="maxWatchers">How many may watch at once.</param>
/// <param name="begin">Called before the first sample after a time without watchers, which may have been long.</param>
internal sealed class StatusFeed(Func<long, byte[]> sample, TimeProvider time, int maxWatchers, Action? begin = null)
{
    /// <summary>How many may watch at once unless settings say otherwise.</summary>
    /// <remarks>Origin: half of the connections, of which each takes one (ServerLimits.MaxConnections).</remarks>
    public const int DefaultMaxWatchers = 128;

    /// <summary>The longest interval, in beats.</summary>
    /// <remarks>Origin: arbitrary; who wants one less often asks for /api/status.</remarks>
    public const int MaxInterval = 60;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly int[] _watchers = new int[MaxInterval + 1]; // by their intervals
    private TaskCompletionSource _beat = NewBeat();
    private StatusSample? _latest;
    private long _number; // of the beat
    private int _count;
    private bool _hasNewcomer;
    private bool _runs;

    /// <summary>How many watch.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Completes with the next beat; is to be asked for before <see cref="Latest"/>, so that none is missed.</summary>
    public Task NextBeat
    {
        get
        {
            lock (_gate)
                return _beat.Task;
        }
    }

    /// <summary>The sample taken last; null before the first.</summary>
    public StatusSample? Latest
    {
        get
        {
            lock (_gate)
                return _latest;
        }
    }

    /// <summary>One more wants to watch.</summary>
    /// <param name="interval">In beats, 1 to <see cref="MaxInterval"/>.</param>
    /// <param name="firstBeat">A sample of this beat, or a later one, is the watcher's first.</param>
    /// <returns>False when there are as many as may be.</returns>
    public bool TryJoin(int interval, out long firstBeat)
    {
        lock (_gate)
        {
            firstBeat = _number;
            if (_count >= maxWatchers)
                return false;
            _count++;
            _watchers[interval]++;
            if (_latest?.Beat != _number)
            {
                _hasNewcomer = true;
                firstBeat++;
            }
            if (!_runs)
            {
                _runs = true;
                _ = Task.Run(RunAsync);
            }
            return true;
        }
    }

    /// <summary>One who joined does not watch any more.</summary>
    public void Leave(int interval)
    {
        lock (_gate)
        {
            _count--;
            _watchers[interval]--;
        }
    }

    /// <summary>Wakes all watchers before the next beat.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _beat.TrySetResult();
            _beat = NewBeat();
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period, time);
        begin?.Invoke();
        do
            Beat();
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false) && !TryEnd());
    }

    private void Beat()
    {
        bool isDue;
        long number;
        lock (_gate)
        {
            number = ++_number;
            isDue = IsDue(number);
            _hasNewcomer = false;
        }
        try
        {
            StatusSample? taken = isDue ? new StatusSample(number, sample(number)) : null;
            lock (_gate)
                _latest = taken ?? _latest;
            Wake();
        }
        catch (Exception e)
        {
            Fail(e); // each stream ends with it, and the engine's log has it
        }
    }

    private bool IsDue(long number)
    {
        if (_hasNewcomer)
            return true;
        for (int interval = 1; interval <= MaxInterval; interval++)
        {
            if (_watchers[interval] > 0 && number % interval == 0)
                return true;
        }
        return false;
    }

    private void Fail(Exception reason)
    {
        lock (_gate)
        {
            _beat.TrySetException(reason);
            _ = _beat.Task.Exception; // observed: there may be nobody left to see it
            _beat = NewBeat();
        }
    }

    private bool TryEnd()
    {
        lock (_gate)
        {
            if (_count > 0)
                return false;
            _runs = false;
            _latest = null;
            return true;
        }
    }

    private static TaskCompletionSource NewBeat() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>How the device was.</summary>
/// <param name="Beat">When.</param>
/// <param name="Event">What watchers are sent, whole.</param>
internal sealed record StatusSample(long Beat, byte[] Event);
