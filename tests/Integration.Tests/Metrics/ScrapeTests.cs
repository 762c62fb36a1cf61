using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Metrics;

/// <summary><c>GET /api/metrics</c> of the machine the tests run on, read by those it is for, through lighttpd.</summary>
[Needs("prometheus", "promtool")]
public class ScrapeTests(ITestOutputHelper output) : UnderLighttpd("appliance", output)
{
    private const int LintFindings = 3; // promtool's exit code for names it would have chosen otherwise

    /// <summary>What dashboards for node_exporter ask, in our own words; every one has an answer on any Linux machine.</summary>
    private static readonly string[] Queries =
    [
        "100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[1m])))",
        "sum by (mode) (rate(node_cpu_seconds_total[1m]))",
        "count(count by (cpu) (node_cpu_seconds_total))",
        "sum by (mode) (rate(node_cpu_guest_seconds_total[1m]))",
        "node_load1", "node_load5", "node_load15",
        "sum(node_load5) / count(count by (cpu) (node_cpu_seconds_total))",
        "time() - node_boot_time_seconds",
        "rate(node_context_switches_total[1m])", "rate(node_intr_total[1m])", "rate(node_forks_total[1m])",
        "node_procs_running", "node_procs_blocked",
        "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
        "node_memory_MemTotal_bytes - node_memory_MemFree_bytes - node_memory_Buffers_bytes - node_memory_Cached_bytes",
        "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes",
        "node_memory_Active_anon_bytes + node_memory_Inactive_file_bytes", "node_memory_HugePages_Total",
        "rate(node_vmstat_pgfault[1m])", "rate(node_vmstat_pgmajfault[1m])", "rate(node_vmstat_pswpin[1m])", "node_vmstat_oom_kill",
        "100 * (1 - node_filesystem_avail_bytes{mountpoint=\"/\",fstype!=\"rootfs\"} / node_filesystem_size_bytes{mountpoint=\"/\",fstype!=\"rootfs\"})",
        "node_filesystem_files_free / node_filesystem_files", "max(node_filesystem_readonly)", "node_filesystem_device_error == 0",
        "8 * rate(node_network_receive_bytes_total{device=\"lo\"}[1m])", "8 * rate(node_network_transmit_bytes_total{device=\"lo\"}[1m])",
        "rate(node_network_receive_packets_total[1m])", "rate(node_network_receive_errs_total[1m])",
        "rate(node_network_transmit_drop_total[1m])", "rate(node_network_receive_nohandler_total[1m])",
        "node_network_up", "node_network_mtu_bytes{device=\"lo\"}", "node_network_carrier{device=\"lo\"}", "node_network_info{device=\"lo\"}",
        "rate(node_netstat_Tcp_InSegs[1m])", "rate(node_netstat_Tcp_RetransSegs[1m]) / rate(node_netstat_Tcp_OutSegs[1m])",
        "node_netstat_Tcp_CurrEstab", "rate(node_netstat_TcpExt_ListenOverflows[1m])", "rate(node_netstat_Udp_InDatagrams[1m])",
        "rate(node_netstat_IpExt_InOctets[1m])", "rate(node_netstat_Icmp_InMsgs[1m])",
        "node_sockstat_TCP_inuse", "node_sockstat_TCP_mem_bytes", "node_sockstat_sockets_used",
        "rate(node_softnet_processed_total[1m])", "rate(node_softnet_times_squeezed_total[1m])", "sum(node_udp_queues)",
        "node_time_seconds - time()", "node_time_zone_offset_seconds", "node_uname_info", "node_os_info",
        "node_entropy_available_bits", "node_filefd_allocated / node_filefd_maximum",
        "rate(appliance_requests_total[1m])", "appliance_resident_memory_bytes", "sum(appliance_connections)",
        "sum(node_scrape_collector_duration_seconds)", "count(node_scrape_collector_success)",
    ];

    /// <summary>Those that need a disk of the machine's own.</summary>
    private static readonly string[] DiskQueries =
    [
        "rate(node_disk_reads_completed_total[1m])", "rate(node_disk_read_bytes_total[1m])", "rate(node_disk_written_bytes_total[1m])",
        "rate(node_disk_io_time_seconds_total[1m])", "rate(node_disk_io_time_weighted_seconds_total[1m])", "node_disk_io_now",
        "rate(node_disk_read_time_seconds_total[1m]) / rate(node_disk_reads_completed_total[1m])", "node_disk_info",
    ];

    [FrontFact]
    public async Task EveryQueryOfADashboardHasAnAnswer()
    {
        await using Prometheus prometheus = await Prometheus.StartAsync(Front.Url);
        bool hasDisk = (await Client.GetStringAsync("api/metrics?collect[]=diskstats")).Contains("node_disk_info{", StringComparison.Ordinal);
        List<string> unanswered = [];
        foreach (string query in hasDisk ? [.. Queries, .. DiskQueries] : Queries)
        {
            if ((await prometheus.QueryAsync(query)).Count == 0)
                unanswered.Add(query);
        }
        Assert.Empty(unanswered);
        Assert.Contains("\"health\":\"up\"", await prometheus.TargetsAsync(), StringComparison.Ordinal);
    }

    [FrontFact]
    public async Task WhatPrometheusStoresIsWhatTheKernelSays()
    {
        await using Prometheus prometheus = await Prometheus.StartAsync(Front.Url);
        double memory = Assert.Single(await prometheus.QueryAsync("node_memory_MemTotal_bytes"));
        string line = File.ReadLines("/proc/meminfo").First();
        Assert.Contains($" {memory / 1024:0} kB", line, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(await prometheus.QueryAsync("min(up)")));
        Assert.Empty(await prometheus.QueryAsync("node_scrape_collector_success{collector=~\"cpu|loadavg|stat|meminfo|netdev\"} == 0"));
    }

    [FrontFact]
    public async Task PromtoolFindsNothingWrong()
    {
        using var folder = new WorkFolder();
        await File.WriteAllTextAsync(folder.At("metrics"), await Client.GetStringAsync("api/metrics"));
        Ended checkedBy = await NativeProgram.RunAsync(
            folder.FullPath,
            new Dictionary<string, string>(),
            ["/bin/sh", "-c", "exec \"$0\" check metrics <metrics", Machine.Find("promtool")!]);
        Output.WriteLine(checkedBy.Output + checkedBy.Error);
        Assert.True(checkedBy.ExitCode is 0 or LintFindings, checkedBy.Error);
        // node_exporter has its names and units (MemTotal, entropy in bits) from the kernel; nothing else is to be found.
        Assert.All(
            checkedBy.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            finding => Assert.Matches(" (metric names should be written in 'snake_case' not 'camelCase'|use base unit .*)$", finding));
    }

    [NativeFact]
    public async Task AScraperReadsTheMetricsAndNothingElse()
    {
        using HttpClient scraper = Front.NewClient("scraper");
        Assert.Equal(HttpStatusCode.OK, (await scraper.GetAsync("api/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await scraper.GetAsync("api/status")).StatusCode);
        using HttpClient nobody = Front.NewClient(user: null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("api/metrics")).StatusCode);
    }

    [NativeFact]
    public async Task OpenMetricsEndsWithEof()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/metrics?collect[]=cpu");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        using HttpResponseMessage response = await Client.SendAsync(request);
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string text = await response.Content.ReadAsStringAsync();
        Assert.Contains("# TYPE node_cpu_seconds counter\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
    }
}
