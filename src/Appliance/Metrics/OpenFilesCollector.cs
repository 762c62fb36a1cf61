using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>filefd: open files of the whole device, from /proc/sys/fs/file-nr; proc_sys_fs(5): "1024 0 1631329".</summary>
internal sealed class OpenFilesCollector(SourceFiles files) : ICollector
{
    private readonly SourceFile _file = files.InProc("sys/fs/file-nr");

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryReadValue(stackalloc byte[128], out ReadOnlySpan<byte> text))
            return false;
        FieldReader fields = new(text);
        // The second has been 0 since Linux 2.6.
        if (!fields.TryReadNumber(out ulong allocated) || !fields.TryReadNumber(out _) || !fields.TryReadNumber(out ulong most))
            return false;
        writer.Family(MetricType.Gauge, "node_filefd_allocated"u8, "Files that are open."u8);
        writer.Sample(allocated);
        writer.Family(MetricType.Gauge, "node_filefd_maximum"u8, "How many may be."u8);
        writer.Sample(most);
        return true;
    }
}
