using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Appliance.Metrics;
using Appliance.Status;
using Xunit;
using Xunit.Abstractions;

namespace Appliance.Tests.Metrics;

/// <summary>From node_exporter's fixtures each collector makes the samples that node_exporter makes: names, labels, values, types.</summary>
public sealed class NodeExporterComparison(NodeExporterComparison.Device device, ITestOutputHelper output)
    : IClassFixture<NodeExporterComparison.Device>
{
    /// <summary>Collector, and which of the expected families are its own.</summary>
    public static TheoryData<string, string> Claims { get; } = new()
    {
        { "cpu", "^node_cpu_(?!scaling|vulnerabilities)" },
        { "cpufreq", "^node_cpu_scaling_" },
        { "loadavg", "^node_load" },
        { "stat", "^node_(intr|context_switches|forks|boot_time|procs|softirqs_total)" },
        { "meminfo", "^node_memory_(?!numa)" },
        { "vmstat", "^node_vmstat_" },
        { "hwmon", "^node_hwmon_" },
        { "diskstats", "^node_disk_" },
        { "mdadm", "^node_md_" },
        { "netclass", "^node_network_(?!receive|transmit)|^node_network_transmit_queue_length$" },
        { "netstat", "^node_netstat_" },
        { "sockstat", "^node_sockstat_" },
        { "softnet", "^node_softnet_" },
        { "udp_queues", "^node_udp_" },
        { "conntrack", "^node_nf_conntrack_" },
        { "pressure", "^node_pressure_" },
        { "arp", "^node_arp_" },
        { "entropy", "^node_entropy_" },
        { "filefd", "^node_filefd_" },
        { "thermal_zone", "^node_(thermal|cooling)_" },
        { "powersupplyclass", "^node_power_supply_" },
        { "watchdog", "^node_watchdog_" },
        { "time", "^node_time_clocksource_" },
    };

    [NodeExporterTheory]
    [MemberData(nameof(Claims))]
    public void SamplesAgree(string collector, string families)
    {
        Exposition actual = Exposition.Parse(device.Text($"collect[]={collector}", ExpositionFormat.PrometheusText));
        Assert.Equal(1, actual.Samples[$"node_scrape_collector_success{{collector=\"{collector}\"}}"]);
        Assert.Equal(DeliberateDifferences.Of(collector), new SampleComparison(collector, families, output).Run(device.Expected, actual));
    }

    /// <summary>node_exporter's test asks the kernel for the interface lo of its machine, so the source is ours: nothing went through it.</summary>
    [NodeExporterFact]
    public void SamplesOfInterfacesAgree()
    {
        using Scraped own = new();
        own.Put("proc/net/dev", "Inter-|\n face |\n    lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
        own.Put("sys/class/net/lo/statistics/rx_nohandler", "0\n");
        HashSet<string> used = new SampleComparison("netdev", "^node_network_(receive|transmit)_(?!queue_length)", output)
            .Run(device.Expected, own.Ask("netdev")!);
        Assert.Equal(DeliberateDifferences.Of("netdev"), used);
    }

    /// <summary>The fixtures have no os-release here, so the source is what the expected labels say.</summary>
    [NodeExporterFact]
    public void SamplesOfTheInstalledSystemAgree()
    {
        using Scraped own = new();
        string labels = Assert.Single(device.Expected.Samples.Keys, key => Exposition.Name(key) == "node_os_info");
        own.Put("root/etc/os-release", string.Concat(
            Regex.Matches(labels, "(\\w+)=\"([^\"]+)\"").Select(label => $"{label.Groups[1].Value.ToUpperInvariant()}=\"{label.Groups[2].Value}\"\n")));
        Assert.Empty(new SampleComparison("os", "^node_os_", output).Run(device.Expected, own.Ask("os")!));
    }

    [Fact]
    public void EveryCollectorIsComparedOrListedWithTheReason()
    {
        foreach ((_, string line) in DeliberateDifferences.All)
            output.WriteLine(line);
        string[] compared = [.. Claims.Select(claim => (string)claim[0]), "netdev", "os", "textfile"];
        string[] known = [.. Scraped.Table().Select(entry => entry.Name)];
        Assert.Equal(known.Order(), compared.Concat(DeliberateDifferences.CollectorsNotCompared).Order());
        Assert.All(DeliberateDifferences.All, entry => Assert.Contains(entry.Collector, known));
    }

    /// <summary>All of the fixtures, as a scraper reads them: <see cref="Exposition"/> is the assertion.</summary>
    [NodeExporterFact]
    public void BothFormatsAreValidAndHaveTheSameSamples()
    {
        Exposition text = Exposition.Parse(device.Text("", ExpositionFormat.PrometheusText));
        Exposition open = Exposition.Parse(device.Text("", ExpositionFormat.OpenMetrics), ExpositionFormat.OpenMetrics);
        Assert.Equal(text.Samples.Keys, open.Samples.Keys);
        output.WriteLine($"{text.Samples.Count} samples in {text.Types.Count} families");
    }

    /// <summary>The fixtures, unpacked into a folder with the roots proc, sys and root.</summary>
    public sealed class Device : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("appliance-node-exporter-").FullName;
        private readonly IReadOnlyList<Collectors.Entry>? _collectors;

        public Device()
        {
            if (NodeExporterFixtures.Missing is not null)
                return;
            NodeExporterFixtures.Unpack(_folder);
            Directory.CreateDirectory(Path.Combine(_folder, "root", "run"));
            Directory.Move(Path.Combine(_folder, "udev"), Path.Combine(_folder, "root", "run", "udev"));
            DeliberateDifferences.Mend(_folder);
            Expected = Exposition.Parse(File.ReadAllText(Path.Combine(_folder, "e2e-output.txt")));
            StatusRoots roots = new(Path.Combine(_folder, "proc"), Path.Combine(_folder, "sys"), Path.Combine(_folder, "root"));
            FilesystemProbe probe = new(roots, FilesystemSize.Ask, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
            _collectors = Collectors.Table(new SourceFiles(roots), probe);
        }

        internal Exposition Expected { get; } = Exposition.Parse("");

        internal string Text(string query, ExpositionFormat format)
        {
            ExpositionWriter writer = new();
            CollectorSelection selection = CollectorSelection.Parse(Encoding.ASCII.GetBytes(query), _collectors!);
            writer = new Scrape(_collectors!, TimeSpan.FromMinutes(1), log: null).Run(writer, format, selection);
            return Encoding.UTF8.GetString(writer.Written.Span);
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
