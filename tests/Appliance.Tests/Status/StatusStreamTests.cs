using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Appliance.Access;
using Appliance.Settings;
using Appliance.Status;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>The stream over a real engine, with samples that are counted and a clock that beats when told.</summary>
public sealed class StatusStreamTests : IAsyncDisposable
{
    private const int MostWatchers = 120;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly ManualTime _time = new();
    private readonly ApplianceSettings _settings = new();
    private readonly StatusFeed _feed;
    private readonly ServedRoutes _served;
    private int _samplings;
    private int _eventBytes;

    public StatusStreamTests()
    {
        _feed = new StatusFeed(Sample, _time, MostWatchers);
        var handler = new StatusStreamHandler(_feed, _time, _settings.Limits.RequestTimeout, server: null);
        _served = new ServedRoutes(_settings, new Routes(
            _settings, [new("GET", "/stream", UserRole.Anyone, new Route(handler), MediaType.EventStream)]));
    }

    public ValueTask DisposeAsync() => _served.DisposeAsync();

    [Fact]
    public async Task AHundredWatchersGetTheSameEventsOfOneSamplingEach()
    {
        List<FrontStream> watchers = [];
        try
        {
            for (int i = 0; i < 100; i++)
            {
                watchers.Add(await WatchAsync());
                await watchers[i].ReadEventAsync();
            }
            int before = _samplings;
            Assert.Equal(1, before);
            for (int beat = 1; beat <= 3; beat++)
            {
                _time.Fire();
                string[] events = await Task.WhenAll(watchers.Select(watcher => watcher.ReadEventAsync()));
                Assert.Single(events.Distinct());
            }
            Assert.Equal(before + 3, _samplings);
        }
        finally
        {
            watchers.ForEach(watcher => watcher.Dispose());
        }
    }

    [Fact]
    public async Task TheHeadSaysThatNothingMayKeepTheEvents()
    {
        using FrontStream watcher = await WatchAsync();
        string head = await watcher.ReadBlockAsync();
        Assert.StartsWith("Status: 200 OK\n", head, StringComparison.Ordinal);
        foreach (string line in new[] { "Content-Type: text/event-stream", "Cache-Control: no-store", "X-Accel-Buffering: no", "Incremental: ?1" })
            Assert.Contains(line, head.Split('\n'));
        Assert.Equal("retry: 2000", await watcher.ReadBlockAsync());
        Assert.Equal("id: 1\ndata: ", await watcher.ReadBlockAsync());
    }

    [Fact]
    public async Task AVanishedWatcherCostsNothingAfterTheNextBeats()
    {
        using (FrontStream watcher = await WatchAsync())
            await watcher.ReadEventAsync();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                _time.Fire();
                return _feed.Count == 0 && _feed.Latest is null;
            },
            Deadline));
        int samplings = _samplings;
        _time.Fire();
        Assert.Equal(samplings, _samplings);
    }

    [Fact]
    public async Task ASlowWatcherHoldsUpNobodyAndMissesEvents()
    {
        const int Events = 30;
        _eventBytes = 300_000; // more than a socket holds
        using FrontStream slow = await WatchAsync();
        Assert.True(SpinWait.SpinUntil(() => _feed.Latest is not null, Deadline));
        using FrontStream quick = await WatchAsync();
        long first = IdOf(await quick.ReadEventAsync());
        for (int i = 1; i < Events; i++)
        {
            _time.Fire();
            Assert.Equal(first + i, IdOf(await quick.ReadEventAsync()));
        }

        List<long> seen = [];
        while (seen.Count == 0 || seen[^1] < first + Events - 1)
            seen.Add(IdOf(await slow.ReadEventAsync()));

        Assert.Equal(seen.Order().Distinct(), seen);
        Assert.InRange(seen.Count, 1, Events / 2);
    }

    [Fact]
    public async Task AWatcherGetsOneEventOfEachOfItsIntervals()
    {
        const int Interval = 3;
        using FrontStream often = await WatchAsync();
        await often.ReadEventAsync();
        using FrontStream seldom = await WatchAsync($"interval={Interval}");
        List<long> seen = [IdOf(await seldom.ReadEventAsync())];
        for (int beat = 2; beat <= 12; beat++)
        {
            _time.Fire();
            await often.ReadEventAsync();
        }
        while (seen[^1] < 12)
            seen.Add(IdOf(await seldom.ReadEventAsync()));
        Assert.Equal(seen.Select(id => id / Interval).Distinct().Order(), seen.Select(id => id / Interval));
        Assert.InRange(seen.Count, 2, 5);
    }

    [Fact]
    public async Task ALongIntervalHasCommentsBetween()
    {
        using FrontStream watcher = await WatchAsync("interval=60");
        await watcher.ReadEventAsync();
        Task<string> next = watcher.ReadBlockAsync();
        for (int beat = 2; beat < 60 && !next.IsCompleted; beat++)
        {
            await FireAsync();
            SpinWait.SpinUntil(() => next.IsCompleted, TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(": nothing new", await next);
    }

    [Theory]
    [InlineData("interval=0", "0")]
    [InlineData("interval=61", "61")]
    [InlineData("interval=-1", "-1")]
    [InlineData("interval=+1", " 1")]
    [InlineData("interval=0.5", "0.5")]
    [InlineData("interval=", "")]
    [InlineData("interval", "")]
    [InlineData("a=b&interval=soon", "soon")]
    [InlineData("interval=99999999999999999999", "99999999999999999999")]
    public async Task AnIntervalOutOfBoundsIsRefusedWithTheBounds(string query, string value)
    {
        FrontAnswer answer = await _served.AskAsync("GET", "/stream", query: query);
        Assert.StartsWith("Status: 400 ", answer.Headers, StringComparison.Ordinal);
        Assert.Contains(JsonText($"interval \"{value}\" is not a whole number of seconds from 1 to 60"), answer.Body, StringComparison.Ordinal);
        Assert.Equal(0, _feed.Count);
    }

    [Fact]
    public async Task OneTooManyIsToldToComeLater()
    {
        for (int i = 0; i < MostWatchers; i++)
            Assert.True(_feed.TryJoin(60, out _));
        FrontAnswer answer = await _served.AskAsync("GET", "/stream");
        Assert.StartsWith("Status: 503 ", answer.Headers, StringComparison.Ordinal);
        Assert.Equal("10", answer.Header("Retry-After"));
        Assert.Contains("Status:StreamWatchers", answer.Body, StringComparison.Ordinal);
        Assert.Equal(MostWatchers, _feed.Count);
    }

    [Fact]
    public async Task AStreamEndsInGoodOrderBeforeTheServersTimeLimit()
    {
        using FrontStream watcher = await WatchAsync();
        await watcher.ReadEventAsync();
        _time.Advance(_settings.Limits.RequestTimeout * 0.95);
        _time.Fire();
        await watcher.ReadToEndAsync();
        Assert.True(watcher.Ended);
        Assert.True(SpinWait.SpinUntil(() => _feed.Count == 0, Deadline));
    }

    [Fact]
    public async Task AServerThatStopsEndsStreamsInGoodOrder()
    {
        var service = new RunningService();
        using FrontStream watcher = await FrontStream.AskAsync(
            service.At("socket"), ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/status/stream"), ("HTTP_HOST", "127.0.0.1"),
            ("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic"), ("QUERY_STRING", "interval=60"));
        await watcher.ReadEventAsync();

        service.Service.Server.Stop();

        await watcher.ReadToEndAsync();
        Assert.True(watcher.Ended);
        await service.DisposeAsync();
    }

    [Fact]
    public async Task HeadIsAnsweredAtOnce()
    {
        FrontAnswer answer = await _served.AskAsync("HEAD", "/stream");
        Assert.Equal("text/event-stream", answer.Header("Content-Type"));
        Assert.Equal("", answer.Body);
        Assert.Equal(0, _samplings);
    }

    private Task<FrontStream> WatchAsync(string query = "") => FrontStream.AskAsync(
        _served.SocketPath, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/stream"), ("HTTP_HOST", "127.0.0.1"), ("QUERY_STRING", query));

    private Task FireAsync()
    {
        Task next = _feed.NextBeat;
        _time.Fire();
        return next.WaitAsync(Deadline);
    }

    private byte[] Sample(long beat)
    {
        Interlocked.Increment(ref _samplings);
        return Encoding.ASCII.GetBytes($"id: {beat}\ndata: {new string('x', _eventBytes)}\n\n");
    }

    private static long IdOf(string block) => long.Parse(block["id: ".Length..block.IndexOf('\n')], System.Globalization.CultureInfo.InvariantCulture);

    private static string JsonText(string text) => text.Replace("\"", "\\u0022", StringComparison.Ordinal);
}
