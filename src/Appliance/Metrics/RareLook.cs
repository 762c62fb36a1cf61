using System;

namespace Appliance.Metrics;

/// <summary>Says when to look again for what hardly ever changes, such as the name of the system or which CPUs have a governor: not at every scrape.</summary>
internal struct RareLook
{
    /// <summary>In milliseconds.</summary>
    /// <remarks>Origin: arbitrary; four scrapes at the usual interval.</remarks>
    public const long Interval = 60_000;

    private long _next; // by TickCount64

    /// <summary>Whether it is time, as it is at first. Whoever asks looks, or calls <see cref="Repeat"/>.</summary>
    public bool IsDue()
    {
        long now = Environment.TickCount64;
        if (now < _next)
            return false;
        _next = now + Interval;
        return true;
    }

    /// <summary>It did not work out: it is time again.</summary>
    public void Repeat() => _next = 0;
}
