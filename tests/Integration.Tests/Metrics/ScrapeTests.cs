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

    [FrontFact]
    public async Task WhatPrometheusStoresIsWhatTheKernelSays()
    {
        await using Prometheus prometheus = await Prometheus.StartAsync(Front.Url);
        double memory = Assert.Single(await prometheus.QueryAsync("node_memory_MemTotal_bytes"));
        string line = File.ReadLines("/proc/meminfo").First();
        Assert.Contains($" {memory / 1024:0} kB", line, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(await prometheus.QueryAsync("min(up)")));
        Assert.Contains("\"health\":\"up\"", await prometheus.TargetsAsync(), StringComparison.Ordinal);
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
