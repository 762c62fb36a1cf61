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

/// <summary>A real Prometheus on a free port of 127.0.0.1 that scrapes targets every second, as a user who may only do that.</summary>
public sealed class Prometheus : IAsyncDisposable
{
    /// <summary>The job of its targets: what node-mixin expects unless told otherwise.</summary>
    public const string Job = "node";

    /// <summary>The rule that README gives for dashboards that look for node_exporter itself.</summary>
    public const string Rules = """
        groups:
          - name: appliance
            rules: [{record: node_exporter_build_info, expr: appliance_build_info}]
        """;

    private readonly WorkFolder _folder = new();
    private readonly RunningProgram _program;
    private readonly HttpClient _client;

    private Prometheus(IEnumerable<Uri> targets)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");
        File.WriteAllText(_folder.At("prometheus.yml"), $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: {{Job}}
                metrics_path: /api/metrics
                static_configs: [{targets: [{{string.Join(", ", targets.Select(target => $"\"{target.Authority}\""))}}]}]
                basic_auth: {username: scraper, password: "{{Logins.Password}}"}

            """);
        File.WriteAllText(_folder.At("rules.yml"), Rules);
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

    /// <summary>Starts it and waits until it has scraped each target twice, so that rates have something to work on.</summary>
    public static async Task<Prometheus> StartAsync(params Uri[] targets)
    {
        var prometheus = new Prometheus(targets);
        try
        {
            await Eventually.TrueAsync(
                "two scrapes that succeeded of each",
                async () => (await prometheus.QueryAsync("count_over_time(up[1m]) >= 2 and up == 1")).Count == targets.Length);
            return prometheus;
        }
        catch
        {
            await prometheus.DisposeAsync();
            throw;
        }
    }

    /// <summary>The values of an instant query's samples; none while Prometheus is not up yet.</summary>
    public async Task<IReadOnlyList<double>> QueryAsync(string query) => await SamplesAsync(query, sample =>
        double.Parse(sample.GetProperty("value")[1].GetString()!.Replace("Inf", "Infinity"), CultureInfo.InvariantCulture));

    /// <summary>What one label of an instant query's samples says.</summary>
    public async Task<IReadOnlyList<string>> LabelsAsync(string query, string label) =>
        await SamplesAsync(query, sample => sample.GetProperty("metric").GetProperty(label).GetString()!);

    /// <summary>What it says of its targets: why a scrape failed.</summary>
    public Task<string> TargetsAsync() => _client.GetStringAsync("api/v1/targets");

    private async Task<T[]> SamplesAsync<T>(string query, Func<JsonElement, T> read)
    {
        try
        {
            string answer = await _client.GetStringAsync("api/v1/query?query=" + Uri.EscapeDataString(query));
            using JsonDocument document = JsonDocument.Parse(answer);
            return [.. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(read)];
        }
        catch (HttpRequestException e) when (e.StatusCode is null or HttpStatusCode.ServiceUnavailable)
        {
            return [];
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
