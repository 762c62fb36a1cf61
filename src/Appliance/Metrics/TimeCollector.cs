using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>time: what the device's clock says, its zone, and which hardware the clock counts with.</summary>
internal sealed class TimeCollector(SourceFiles files) : ICollector
{
    // The kernel has only this one, drivers/base and kernel/time/clocksource.c.
    private const string Folder = "devices/system/clocksource/clocksource0";
    private const int MaxText = 1024; // names of clock sources; there are about a dozen

    private readonly SourceFile _available = files.InSys($"{Folder}/available_clocksource");
    private readonly SourceFile _current = files.InSys($"{Folder}/current_clocksource");

    public bool Collect(ExpositionWriter writer)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        writer.Family(MetricType.Gauge, "node_time_seconds"u8, "Seconds since 1970 UTC by the device's clock."u8);
        writer.Sample((ulong)Math.Max(now, 0), decimals: 3);

        Span<byte> buffer = stackalloc byte[MaxText];
        ReadOnlySpan<byte> zone = LibC.TimeZone(now / 1000, buffer, out long offset);
        writer.Family(MetricType.Gauge, "node_time_zone_offset_seconds"u8, "How far the device's zone is ahead of UTC."u8);
        writer.Label("time_zone"u8, zone).Sample(offset);

        writer.Family(MetricType.Gauge, "node_time_clocksource_available_info"u8, "Hardware the clock could count with; always 1."u8);
        if (_available.TryReadValue(buffer, out ReadOnlySpan<byte> names))
        {
            FieldReader sources = new(names);
            while (sources.TryRead(out ReadOnlySpan<byte> source))
                writer.Label("device"u8, 0).Label("clocksource"u8, source).Sample(1);
        }
        writer.Family(MetricType.Gauge, "node_time_clocksource_current_info"u8, "Hardware the clock counts with; always 1."u8);
        if (_current.TryReadValue(buffer, out ReadOnlySpan<byte> current))
            writer.Label("device"u8, 0).Label("clocksource"u8, current).Sample(1);
        return true;
    }
}
