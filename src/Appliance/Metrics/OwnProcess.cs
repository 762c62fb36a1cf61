using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>
/// process_…: this process, under the names that Prometheus' client libraries have for the one that is scraped, so that dashboards
/// find it. From /proc/self, wherever the device's own files are; proc_pid_stat(5), proc_pid_limits(5).
/// </summary>
internal sealed class OwnProcess(SourceFiles files)
{
    private readonly SourceFile _line = files.OfThisProcess("stat");
    private readonly SourceFile _limits = files.OfThisProcess("limits");
    private readonly SourceFolder _descriptors = SourceFiles.DescriptorsOfThisProcess();

    /// <returns>False when /proc does not tell.</returns>
    public bool Write(ExpositionWriter writer)
    {
        if (!_line.TryRead(out ReadOnlySpan<byte> text) || !ProcessLine.TryParse(text, out ProcessLine process))
            return false;
        writer.Family(MetricType.Counter, "process_cpu_seconds_total"u8, "CPU time that this program took."u8);
        writer.Sample(process.CpuTicks, decimals: 2);
        writer.Family(MetricType.Gauge, "process_resident_memory_bytes"u8, "Bytes it takes in memory."u8);
        writer.Sample(process.ResidentPageCount * (ulong)Environment.SystemPageSize);
        writer.Family(MetricType.Gauge, "process_virtual_memory_bytes"u8, "Bytes of its address space."u8);
        writer.Sample(process.VirtualBytes);
        writer.Family(MetricType.Gauge, "process_open_fds"u8, "Descriptors that are open."u8);
        writer.Sample(CountDescriptors());
        return _limits.TryRead(out text)
            && Limit(text, "Max open files "u8, "process_max_fds"u8, "How many may be."u8, writer)
            && Limit(text, "Max address space "u8, "process_virtual_memory_max_bytes"u8, "Bytes its address space may have; -1 for any."u8, writer);
    }

    /// <summary>The soft limit, "Max open files  1024  524288  files"; -1 for none, as the client libraries say.</summary>
    private static bool Limit(
        ReadOnlySpan<byte> limits, ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer)
    {
        int start = limits.IndexOf(line);
        if (start < 0 || !new FieldReader(limits[(start + line.Length)..]).TryRead(out ReadOnlySpan<byte> soft))
            return false;
        long limit = -1;
        if (!soft.SequenceEqual("unlimited"u8) && !FieldReader.TryParseSigned(soft, out limit))
            return false;
        writer.Family(MetricType.Gauge, name, help);
        writer.Sample(limit);
        return true;
    }

    private long CountDescriptors()
    {
        long count = -1; // the one that lists them
        using SourceFolder.Listing listing = _descriptors.List();
        while (listing.TryRead(out _))
            count++;
        return count;
    }
}
