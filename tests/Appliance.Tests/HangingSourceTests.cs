using System;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Appliance.Tests.Metrics;
using Xunit;

namespace Appliance.Tests;

/// <summary>The whole program on a device whose sensors' driver never answers.</summary>
public class HangingSourceTests
{
    private const string Settings = """{ "Paths": { "Sys": "$/sys" }, "Status": { "SourceDeadlineMilliseconds": 1500 } }""";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [HangingFact]
    public async Task WhatHangsIsAbsentAndTheRestIsAnswered()
    {
        await using var service = new RunningService(Settings);
        using var sensors = new HangingFolder(service.At("sys/class/hwmon"));

        // More than there are handlers that may block: with one that is kept for ever none is left.
        for (int round = 0; round < 2; round++)
        {
            string[] answers = await Task.WhenAll(
                AskAsync("/api/metrics"), AskAsync("/api/metrics"), AskAsync("/api/metrics"),
                AskAsync("/api/status"), AskAsync("/api/status"), AskAsync("/api/status"));
            Assert.All(answers[..3], answer => Assert.Equal(0, Success(answer, "hwmon")));
            Assert.All(answers[3..], answer =>
            {
                using JsonDocument document = JsonDocument.Parse(answer);
                Assert.False(document.RootElement.TryGetProperty("temperatures", out _));
            });
        }
        string metrics = await AskAsync("/api/metrics");
        Assert.Equal(1, Success(metrics, "cpu"));
        Assert.Equal(1, Success(metrics, "time"));
        using JsonDocument status = JsonDocument.Parse(await AskAsync("/api/status"));
        Assert.True(status.RootElement.TryGetProperty("memory", out _));
        string missing = status.RootElement.GetProperty("unavailable").GetRawText();
        Assert.Contains("""{"part":"temperatures","reason":"does not answer"}""", missing, StringComparison.Ordinal);

        sensors.Dispose();
        Assert.True(await ComesBackAsync(async () => Success(await AskAsync("/api/metrics"), "hwmon") == 1));

        async Task<string> AskAsync(string path)
        {
            FrontAnswer answer = await service.AskAsync(("SCRIPT_NAME", path), ("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic")).WaitAsync(Deadline);
            Assert.Equal("200 OK", answer.Header("Status"));
            return answer.Body;
        }
    }

    [HangingFact]
    public async Task ScrapesBeyondThoseThatMayWaitAreRefused()
    {
        await using var service = new RunningService(
            """{ "Paths": { "Sys": "$/sys" }, "Status": { "SourceDeadlineMilliseconds": 5000 }, "Limits": { "QueuedRequests": 1 } }""");
        using var sensors = new HangingFolder(service.At("sys/class/hwmon"));
        FrontAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
            service.AskAsync(("SCRIPT_NAME", "/api/metrics"), ("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic")).WaitAsync(Deadline)));
        Assert.Equal(2, answers.Count(answer => answer.Header("Status") == "200 OK")); // one that is made, one that waits
        Assert.All(answers.Where(answer => answer.Header("Status") != "200 OK"), answer =>
        {
            Assert.Equal("503 Service Unavailable", answer.Header("Status"));
            Assert.Equal("1", answer.Header("Retry-After"));
            Assert.Contains("as many scrapes wait as may", answer.Body, StringComparison.Ordinal);
        });
    }

    [HangingFact]
    public async Task TheStreamGoesOn()
    {
        await using var service = new RunningService(Settings);
        using var sensors = new HangingFolder(service.At("sys/class/hwmon"));
        using FrontStream watcher = await FrontStream.AskAsync(
            service.At("socket"), ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/status/stream"), ("HTTP_HOST", "127.0.0.1"),
            ("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic"));
        for (int i = 0; i < 3; i++)
        {
            string text = await watcher.ReadEventAsync().WaitAsync(Deadline);
            Assert.Contains("\"memory\"", text, StringComparison.Ordinal);
            Assert.Contains("does not answer", text, StringComparison.Ordinal);
        }
    }

    private static double Success(string metrics, string collector) =>
        Exposition.Parse(metrics).Samples[$"node_scrape_collector_success{{collector=\"{collector}\"}}"];

    private static async Task<bool> ComesBackAsync(Func<Task<bool>> isBack)
    {
        long start = Environment.TickCount64;
        while (Environment.TickCount64 - start < Deadline.TotalMilliseconds)
        {
            if (await isBack())
                return true;
        }
        return false;
    }
}
