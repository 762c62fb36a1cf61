using System;
using System.Collections.Generic;
using System.Text;
using Appliance.Status;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>THE table of collectors: name → what writes the samples. A new collector = one file + one line here.</summary>
internal static class Collectors
{
    /// <summary>All of them, in the order of the answer. The names are node_exporter's, for <c>collect[]</c> and dashboards.</summary>
    /// <param name="files">Where they read.</param>
    /// <param name="probe">Asks filesystems for their sizes, and does not hang with them.</param>
    /// <param name="server">The server that answers; null where there is none, in a CGI program.</param>
    /// <param name="textfiles">The folder of other programs' metrics; null for none.</param>
    /// <param name="log">Is told what of those cannot be passed on.</param>
    public static IReadOnlyList<Entry> Table(
        SourceFiles files, FilesystemProbe probe, Func<FastCgiServer>? server = null, string? textfiles = null, IServerLog? log = null) =>
    [
        new("cpu", new CpuCollector(files)),
        new("cpufreq", new CpuFrequencyCollector(files)),
        new("loadavg", new LoadAverageCollector(files)),
        new("stat", new StatCollector(files)),
        new("meminfo", new MemoryCollector(files)),
        new("vmstat", new VirtualMemoryCollector(files)),
        new("diskstats", new DiskStatisticsCollector(files)),
        new("filesystem", new FilesystemCollector(files, probe)),
        new("mdadm", new RaidCollector(files)),
        new("netdev", new NetworkDeviceCollector(files)),
        new("netclass", new NetworkClassCollector(files)),
        new("netstat", new NetworkStatisticsCollector(files)),
        new("sockstat", new SocketsCollector(files)),
        new("softnet", new SoftnetCollector(files)),
        new("udp_queues", new UdpQueuesCollector(files)),
        new("conntrack", new ConntrackCollector(files)),
        new("pressure", new PressureCollector(files)),
        new("arp", new NeighboursCollector(files)),
        new("entropy", new EntropyCollector(files)),
        new("filefd", new OpenFilesCollector(files)),
        new("thermal_zone", new ThermalCollector(files)),
        new("hwmon", new HardwareMonitorCollector(files)),
        new("powersupplyclass", new PowerSupplyCollector(files)),
        new("watchdog", new WatchdogCollector(files)),
        new("uname", new KernelNameCollector(files)),
        new("os", new OperatingSystemCollector(files)),
        new("time", new TimeCollector(files)),
        new("appliance", new ServerCollector(files, server)),
        new("textfile", new TextfileCollector(textfiles, files, log)), // the last: it passes on no family that is there already
    ];

    /// <summary>A line of the table.</summary>
    internal sealed class Entry(string name, ICollector collector)
    {
        public string Name => name;

        /// <summary>The name as the label "collector" has it.</summary>
        public byte[] Label { get; } = Encoding.ASCII.GetBytes(name);

        public ICollector Collector => collector;
    }
}
