using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>loadavg: how many tasks ran or waited for disk, on average, from /proc/loadavg.</summary>
internal sealed class LoadAverageCollector(SourceFiles files) : ICollector
{
    private readonly SourceFile _file = files.InProc("loadavg", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text) || !LoadAverage.TryParse(text, out LoadAverage load))
            return false;
        writer.Family(MetricType.Gauge, "node_load1"u8, "Tasks running or waiting for disk, mean of 1 minute."u8);
        writer.Sample(load.OneMinute.Count, decimals: 2);
        writer.Family(MetricType.Gauge, "node_load5"u8, "Tasks running or waiting for disk, mean of 5 minutes."u8);
        writer.Sample(load.FiveMinutes.Count, decimals: 2);
        writer.Family(MetricType.Gauge, "node_load15"u8, "Tasks running or waiting for disk, mean of 15 minutes."u8);
        writer.Sample(load.FifteenMinutes.Count, decimals: 2);
        return true;
    }
}
