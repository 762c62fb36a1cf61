using System;

namespace Appliance.Metrics;

/// <summary>uname: what the kernel calls itself and the device, from /proc/sys/kernel; the machine from uname(2).</summary>
internal sealed class KernelNameCollector(SourceFiles files) : ICollector
{
    private const int MaxText = 256; // __NEW_UTS_LEN is 64

    private readonly SourceFile _system = files.InProc("sys/kernel/ostype");
    private readonly SourceFile _release = files.InProc("sys/kernel/osrelease");
    private readonly SourceFile _version = files.InProc("sys/kernel/version");
    private readonly SourceFile _node = files.InProc("sys/kernel/hostname");
    private readonly SourceFile _domain = files.InProc("sys/kernel/domainname");

    public bool Collect(ExpositionWriter writer)
    {
        Span<byte> buffer = stackalloc byte[MaxText];
        writer.Family(MetricType.Gauge, "node_uname_info"u8, "What uname says; always 1."u8);
        if (!TryLabel("sysname"u8, _system, buffer, writer) || !TryLabel("release"u8, _release, buffer, writer)
            || !TryLabel("version"u8, _version, buffer, writer) || !TryLabel("nodename"u8, _node, buffer, writer)
            || !TryLabel("domainname"u8, _domain, buffer, writer))
        {
            return false;
        }
        writer.Label("machine"u8, LibC.Machine(buffer)).Sample(1);
        return true;
    }

    private static bool TryLabel(ReadOnlySpan<byte> name, SourceFile file, Span<byte> buffer, ExpositionWriter writer)
    {
        if (!file.TryReadValue(buffer, out ReadOnlySpan<byte> value))
            return false;
        writer.Label(name, value);
        return true;
    }
}
