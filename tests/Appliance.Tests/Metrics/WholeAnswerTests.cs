using System;
using System.Collections.Generic;
using Appliance.Metrics;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>Whatever sources say, the answer is one that every scraper reads.</summary>
public sealed class WholeAnswerTests : IDisposable
{
    private readonly Scraped _device = new(textfiles: "/var/metrics");

    public WholeAnswerTests() => CollectorSources.Put(_device);

    public void Dispose() => _device.Dispose();

    /// <summary>All collectors' sources and metrics of other programs, as a scraper reads them: <see cref="Exposition"/> is the assertion.</summary>
    [Fact]
    public void BothFormatsAreValidAndHaveTheSameSamples()
    {
        _device.Put("proc/sys/kernel/hostname", "a\"\\b\u00ff\n");
        _device.Put(
            "root/var/metrics/a.prom",
            "# HELP jobs \"All\" \\\\ of\\nthem.\n# TYPE jobs gauge\njobs 1\n# TYPE jobs_total counter\njobs_total{a=\"\\\"\"} 2\n"
            + "# TYPE done counter\ndone 3\n# TYPE took summary\ntook{quantile=\"0.5\"} 1\ntook_sum 1\ntook_count 1\n"
            + "# TYPE size histogram\nsize_bucket{le=\"+Inf\"} 1\nsize_sum NaN\nsize_count 1\nsize_count 2\nnode_load1 7\nnode_forks 7\n");
        Exposition text = Exposition.Parse(_device.Text("", ExpositionFormat.PrometheusText));
        Exposition open = Exposition.Parse(_device.Text("", ExpositionFormat.OpenMetrics), ExpositionFormat.OpenMetrics);
        Assert.Equal(text.Samples.Keys, open.Samples.Keys);
        Assert.Equal((1, 2, 3), (open.Samples["jobs"], open.Samples["jobs_total{a=\"\\\"\"}"], open.Samples["done"]));
        Assert.Equal(("gauge", "unknown", "unknown"), (open.Types["jobs"], open.Types["jobs_total"], open.Types["done"]));
    }

    [Theory]
    [InlineData("meminfo", "proc/meminfo", "MemTotal: 4 kB\nMemFree: 5 kB\nMemTotal: 6 kB\n")]
    [InlineData("meminfo", "proc/meminfo", "Mem-Total: 4 kB\nMem_Total: 5 kB\n")]
    [InlineData("vmstat", "proc/vmstat", "pgfault 12\npgfault 12\n")]
    [InlineData("netstat", "proc/net/netstat", "TcpExt: ListenDrops ListenDrops\nTcpExt: 4 4\n")]
    [InlineData("netstat", "proc/net/snmp6", "Udp6InErrors 7\nUdp6InErrors 7\n")]
    [InlineData("sockstat", "proc/net/sockstat", "TCP: inuse 4 inuse 4\n")]
    public void AFieldThatIsThereTwiceFailsItsCollectorAlone(string collector, string path, string text)
    {
        Assert.NotNull(_device.Ask(collector));
        _device.Put(path, text);
        Dictionary<string, double> samples = _device.AskAll().Samples;
        Assert.Equal(0, samples[$"node_scrape_collector_success{{collector=\"{collector}\"}}"]);
        Assert.Equal(1, samples["node_scrape_collector_success{collector=\"loadavg\"}"]);
        CollectorSources.Put(_device);
        Assert.NotNull(_device.Ask(collector));
    }

    [Theory]
    [InlineData("cpu", "proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 100 2 3 4 5 6 7 8 9 10\ncpu0 700 2 3 4 5 6 7 8 9 10\n", "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}")]
    [InlineData("diskstats", "proc/diskstats", "8 0 a 1 2 3 4 5 6 7 8 9 10 11\n8 0 a 7 2 3 4 5 6 7 8 9 10 11\n", "node_disk_reads_completed_total{device=\"a\"}")]
    [InlineData("netdev", "proc/net/dev", "a\nb\n lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n lo: 7 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", "node_network_receive_bytes_total{device=\"lo\"}")]
    [InlineData("softnet", "proc/net/softnet_stat", "1 2 3 0 0 0 0 0 4 5 6 7 0\n7 2 3 0 0 0 0 0 4 5 6 7 0\n", "node_softnet_processed_total{cpu=\"0\"}")]
    [InlineData("mdadm", "proc/mdstat", "Personalities :\nmd0 : active raid1 a[0]\n 1 blocks\nmd0 : active raid1 a[0]\n 7 blocks\n", "node_md_blocks{device=\"md0\"}")]
    public void OfADeviceThatIsThereTwiceTheFirstCounts(string collector, string path, string text, string sample)
    {
        _device.Put(path, text);
        Assert.Equal(1, _device.Ask(collector)!.Samples[sample]);
    }
}
