using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit.Sdk;

namespace Integration.Tests.Metrics;

/// <summary>A real Prometheus on a free port of 127.0.0.1 that scrapes one target every second, as a user who may only do that.</summary>
public sealed class Prometheus : IAsyncDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly RunningProgram _program;
    private readonly HttpClient _client;

    private Prometheus(Uri target)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");
        File.WriteAllText(_folder.At("prometheus.yml"), $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: appliance
                metrics_path: /api/metrics
                static_configs: [{targets: ["{{target.Authority}}"]}]
                basic_auth: {username: scraper, password: "{{Logins.Password}}"}

            """);
        _program = NativeProgram.Start(
            _folder.FullPath,
            new Dictionary<string, string>(),
            [
                Machine.Find("prometheus") ?? throw new XunitException("prometheus is not installed"),
                "--config.file=prometheus.yml", "--storage.tsdb.path=data", $"--web.listen-address={address}", "--log.level=error",
            ]);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://{address}/"),
            Timeout = Eventually.Deadline,
        };
    }

    /// <summary>Starts it and waits until it has scraped the target twice, so that rates have something to work on.</summary>
    public static async Task<Prometheus> StartAsync(Uri target)
    {
        var prometheus = new Prometheus(target);
        try
        {
            await Eventually.TrueAsync(
                "two scrapes that succeeded",
                async () => (await prometheus.QueryAsync("count_over_time(up[1m]) >= 2 and up == 1")).Count == 1);
            return prometheus;
        }
        catch
        {
            await prometheus.DisposeAsync();
            throw;
        }
    }

    /// <summary>The values of an instant query's samples; none while Prometheus is not up yet.</summary>
    public async Task<IReadOnlyList<double>> QueryAsync(string query)
    {
        try
        {
            string answer = await _client.GetStringAsync("api/v1/query?query=" + Uri.EscapeDataString(query));
            using JsonDocument document = JsonDocument.Parse(answer);
            return [.. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                .Select(sample => double.Parse(sample.GetProperty("value")[1].GetString()!.Replace("Inf", "Infinity"), CultureInfo.InvariantCulture))];
        }
        catch (HttpRequestException e) when (e.StatusCode is null or HttpStatusCode.ServiceUnavailable)
        {
            return [];
        }
    }

    /// <summary>What it says of its targets: why a scrape failed.</summary>
    public Task<string> TargetsAsync() => _client.GetStringAsync("api/v1/targets");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
