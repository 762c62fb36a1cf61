using System;

namespace Appliance.Metrics;

/// <summary>Says when to look again for what hardly ever changes, such as the name of the system or which CPUs have a governor: not at every scrape.</summary>
internal struct RareLook
{
    /// <summary>In milliseconds.</summary>
    /// <remarks>Origin: arbitrary; four scrapes at the usual interval.</remarks>
    public const long Interval = 60_000;

    private long _next; // by TickCount64

    /// <summary>Whether it is time, as it is at first and as long as no look has succeeded.</summary>
    public readonly bool IsDue => Environment.TickCount64 >= _next;

    /// <summary>A look has succeeded.</summary>
    public void Done() => _next = Environment.TickCount64 + Interval;

    /// <summary>It is time again.</summary>
    public void Repeat() => _next = 0;
}
