using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>stat: what /proc/stat says apart from the single CPUs.</summary>
internal sealed class StatCollector(SourceFiles files) : ICollector
{
    private readonly SourceFile _file = files.InProc("stat", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text) || KernelStatistics.Parse(text, out KernelStatistics statistics) is not null)
            return false;
        writer.Family(MetricType.Counter, "node_intr_total"u8, "Interrupts serviced since boot."u8);
        writer.Sample(statistics.Interrupts);
        writer.Family(MetricType.Counter, "node_context_switches_total"u8, "Context switches since boot."u8);
        writer.Sample(statistics.ContextSwitches);
        writer.Family(MetricType.Counter, "node_forks_total"u8, "Processes and threads started since boot."u8);
        writer.Sample(statistics.Forks);
        writer.Family(MetricType.Gauge, "node_boot_time_seconds"u8, "When the device started, in seconds since 1970 UTC."u8);
        writer.Sample(statistics.BootTime);
        writer.Family(MetricType.Gauge, "node_procs_running"u8, "Tasks that run or could run."u8);
        writer.Sample(statistics.ProcessesRunning);
        writer.Family(MetricType.Gauge, "node_procs_blocked"u8, "Tasks that wait for disk."u8);
        writer.Sample(statistics.ProcessesBlocked);
        return true;
    }
}
