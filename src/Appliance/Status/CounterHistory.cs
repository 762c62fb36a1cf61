using System;
using System.Threading;

namespace Appliance.Status;

/// <summary>Keeps what counters stood at, so that the next answer can say how fast they grow.</summary>
/// <remarks>
/// An answer compares with the latest one that is at least <see cref="Least"/> older, whoever asked for that: a second client does not
/// make the interval so short that the kernel's ticks of a hundredth of a second would show. The first answer after the start has nothing
/// to compare with. From any thread.
/// </remarks>
internal sealed class CounterHistory(TimeProvider time)
{
    // Origin: arbitrary; fifty ticks of the kernel's CPU accounting, and below the stream's second.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private CounterTable? _older;
    private CounterTable? _newer;

    /// <summary>Begins an answer: its counters are to be added one by one, and then kept.</summary>
    public CounterGrowth Begin()
    {
        long now = time.GetTimestamp();
        lock (_gate)
        {
            CounterTable? earlier = _newer is not null && IsFarFrom(_newer, now) ? _newer : _older;
            TimeSpan interval = earlier is null ? default : time.GetElapsedTime(earlier.TakenAt, now);
            return new CounterGrowth(earlier, new CounterTable(now), interval.TotalSeconds);
        }
    }

    /// <summary>Ends an answer: later ones may be compared with it.</summary>
    public void Keep(CounterGrowth growth)
    {
        lock (_gate)
        {
            if (_newer is not null && !IsFarFrom(_newer, growth.Now.TakenAt))
                return;
            _older = _newer;
            _newer = growth.Now;
        }
    }

    /// <summary>Has the next answer nothing to compare with.</summary>
    public void Forget()
    {
        lock (_gate)
            _older = _newer = null;
    }

    private bool IsFarFrom(CounterTable table, long now) => time.GetElapsedTime(table.TakenAt, now) >= Least;
}
