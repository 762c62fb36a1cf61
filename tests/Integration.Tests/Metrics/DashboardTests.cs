using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Metrics;

/// <summary>
/// The public dashboards that README names, at a Prometheus that scrapes two devices through lighttpd: this machine, and a router made
/// of the files in Router.txt, which has everything.
/// </summary>
[Needs("prometheus")]
public sealed class DashboardTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private readonly WorkFolder _folder = new();
    private Lighttpd _machine = null!;
    private Lighttpd _router = null!;
    private Prometheus _prometheus = null!;

    public async Task InitializeAsync()
    {
        await MakeRouterAsync();
        _machine = await Lighttpd.StartAsync("appliance");
        _router = await Lighttpd.StartAsync("appliance", new Dictionary<string, string>
        {
            ["APPLIANCE_PATHS_PROC"] = _folder.At("proc"),
            ["APPLIANCE_PATHS_SYS"] = _folder.At("sys"),
            ["APPLIANCE_PATHS_ROOT"] = _folder.At("root"),
            ["APPLIANCE_METRICS_TEXTFILES"] = "/mnt/data",
        });
        _prometheus = await Prometheus.StartAsync(_machine.Url, _router.Url);
    }

    public async Task DisposeAsync()
    {
        if (_prometheus is not null)
            await _prometheus.DisposeAsync();
        foreach (Lighttpd? front in new[] { _machine, _router })
        {
            if (front is null)
                continue;
            output.WriteLine(front.Log);
            await front.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    public async Task EveryPanelHasAnAnswerWhereTheDeviceHasWhatItAsksFor()
    {
        await AnswerAsync(_router.Url, DashboardQuery.All.Where(query => query.Who != "none"));

        using HttpClient client = _machine.NewClient();
        string metrics = "\n" + await client.GetStringAsync("api/metrics");
        await AnswerAsync(_machine.Url, DashboardQuery.All.Where(query => query.Who == "any" || (query.Who == "some" && query.Metrics.All(Has))));

        bool Has(string metric) =>
            metrics.Contains($"\n{metric}{{", StringComparison.Ordinal) || metrics.Contains($"\n{metric} ", StringComparison.Ordinal);
    }

    /// <summary>A panel that gets an answer one day is to be taken off README's list.</summary>
    [FrontFact]
    public async Task WhatReadmeSaysStaysEmptyDoes()
    {
        string readme = await File.ReadAllTextAsync($"{Machine.Root}/README.md");
        Assert.Contains(Prometheus.Rules, readme, StringComparison.Ordinal);
        Assert.All(DashboardQuery.All, query => Assert.Contains(query.Dashboard, readme, StringComparison.Ordinal));
        foreach (DashboardQuery query in DashboardQuery.All.Where(query => query.Who == "none"))
        {
            Assert.Contains($"(`{query.Collector}`)", readme, StringComparison.Ordinal);
            Assert.Equal((query, 0), (query, (await _prometheus.QueryAsync(query.Of(_router.Url))).Count));
            Assert.Equal((query, 0), (query, (await _prometheus.QueryAsync(query.Of(_machine.Url))).Count));
        }
    }

    [FrontFact]
    public async Task EveryCollectorSucceedsAndIsAskedForSomething()
    {
        string router = $"{{instance=\"{_router.Url.Authority}\"}}";
        IReadOnlyList<string> collectors = await _prometheus.LabelsAsync($"node_scrape_collector_success{router}", "collector");
        IReadOnlyList<string> successful = await _prometheus.LabelsAsync($"node_scrape_collector_success{router} == 1", "collector");
        Assert.Equal(collectors.Order(), successful.Order());
        Assert.Equal(collectors.Order(), DashboardQuery.All.Where(query => query.Who != "none").Select(query => query.Collector).Distinct().Order());
    }

    private async Task AnswerAsync(Uri target, IEnumerable<DashboardQuery> queries)
    {
        List<DashboardQuery> unanswered = [.. queries];
        Assert.NotEmpty(unanswered);
        try
        {
            // Again, as what rules make comes a moment later.
            await Eventually.TrueAsync("every query has an answer", async () =>
            {
                foreach (DashboardQuery query in unanswered.ToArray())
                {
                    if ((await _prometheus.QueryAsync(query.Of(target))).Count > 0)
                        unanswered.Remove(query);
                }
                return unanswered.Count == 0;
            });
        }
        catch (Xunit.Sdk.XunitException)
        {
            Assert.Empty(unanswered);
            throw;
        }
    }

    /// <summary>Router.txt has files as head(1) shows several: their name in arrows, then their text.</summary>
    private async Task MakeRouterAsync()
    {
        string files = await File.ReadAllTextAsync($"{Machine.Root}/tests/Integration.Tests/Metrics/Router.txt");
        foreach (string file in ("\n" + files).Split("\n==> ", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = file.Split(" <==\n", 2);
            await _folder.WriteAsync(parts[0], parts[1].TrimEnd('\n') + "\n");
        }
    }
}
