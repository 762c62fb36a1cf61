using System;
using System.Collections.Generic;
using System.IO;
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
    // Go multiplies binary fractions (9653.880000000001) where exact decimals are written here.
    private const double Tolerance = 1e-12;

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
        Exposition actual = device.Scrape(collector);
        Assert.Equal(1, actual.Samples[$"node_scrape_collector_success{{collector=\"{collector}\"}}"]);
        List<string> differences = [];
        HashSet<string> used = [];
        int compared = 0;
        foreach (string key in Keys(device.Expected, actual))
        {
            string name = Exposition.Name(key);
            if (name.StartsWith("node_scrape_", StringComparison.Ordinal))
                continue;
            bool isExpected = device.Expected.Samples.TryGetValue(key, out double expected) && Regex.IsMatch(name, families);
            bool isThere = actual.Samples.TryGetValue(key, out double value);
            if (!isExpected && !isThere)
                continue;
            compared++;
            string? difference = !isThere ? $"missing: {key} {expected:R}"
                : !isExpected ? $"not expected: {key} {value:R}"
                : Math.Abs(value - expected) > Tolerance * Math.Abs(expected) ? $"{key} is {value:R}, expected {expected:R}"
                : actual.Types[name] != device.Expected.Types[name]
                    ? $"{name} is a {actual.Types[name]}, expected a {device.Expected.Types[name]}"
                : null;
            if (difference is not null && !DeliberateDifferences.Explain(collector, key, used))
                differences.Add(difference);
        }

        output.WriteLine($"{collector}: {compared} samples compared");
        differences.ForEach(output.WriteLine);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.NotEqual(0, compared);
        Assert.Equal(DeliberateDifferences.Of(collector), used);
    }

    private static SortedSet<string> Keys(Exposition one, Exposition other)
    {
        SortedSet<string> keys = new(one.Samples.Keys, StringComparer.Ordinal);
        keys.UnionWith(other.Samples.Keys);
        return keys;
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
            // node_exporter's test runs with --collector.netclass.ignored-devices=(dmz|int).
            Directory.Delete(Path.Combine(_folder, "sys", "class", "net", "dmz"), recursive: true);
            Directory.Delete(Path.Combine(_folder, "sys", "class", "net", "int"), recursive: true);
            // The kernel ends every line; a text that stops in mid-line is refused here.
            File.AppendAllText(Path.Combine(_folder, "proc", "net", "softnet_stat"), "\n");
            File.AppendAllText(Path.Combine(_folder, "proc", "pressure", "irq"), "\n");
            Expected = Exposition.Parse(File.ReadAllText(Path.Combine(_folder, "e2e-output.txt")));
            StatusRoots roots = new(Path.Combine(_folder, "proc"), Path.Combine(_folder, "sys"), Path.Combine(_folder, "root"));
            FilesystemProbe probe = new(roots, FilesystemSize.Ask, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
            _collectors = Collectors.Table(new SourceFiles(roots), probe);
        }

        internal Exposition Expected { get; } = new();

        internal Exposition Scrape(string collector)
        {
            ExpositionWriter writer = new();
            CollectorSelection selection = CollectorSelection.Parse(Encoding.ASCII.GetBytes($"collect[]={collector}"), _collectors!);
            new Scrape(_collectors!, TimeSpan.FromMinutes(1), log: null).Run(writer, ExpositionFormat.PrometheusText, selection);
            return Exposition.Parse(Encoding.UTF8.GetString(writer.Written.Span));
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
