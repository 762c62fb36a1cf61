using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class StatusFeedTests
{
    private readonly ManualTime _time = new();
    private int _samplings;

    [Fact]
    public async Task AHundredWatchersCostOneSamplingABeat()
    {
        StatusFeed feed = Feed();
        Task first = feed.NextBeat;
        for (int i = 0; i < 100; i++)
            Assert.True(feed.TryJoin(1, out _));
        await BeatAsync(first);
        for (int beat = 2; beat <= 5; beat++)
        {
            await BeatAsync(feed);
            Assert.Equal(beat, feed.Latest!.Beat);
        }
        Assert.Equal(5, _samplings);
    }

    [Fact]
    public async Task NobodyCostsNothing()
    {
        StatusFeed feed = Feed();
        Task first = feed.NextBeat;
        Assert.True(feed.TryJoin(1, out _));
        await BeatAsync(first);
        feed.Leave(1);
        _time.Fire();
        Assert.True(SpinWait.SpinUntil(() => feed.Latest is null, TimeSpan.FromSeconds(20)));
        _time.Fire();
        Assert.Equal(1, _samplings);
        Assert.Equal(0, feed.Count);
    }

    [Fact]
    public async Task ATimeWithoutWatchersIsNotPartOfTheFirstRates()
    {
        using FixtureDevice device = new();
        DeviceStatus status = device.Status(time: _time);
        var feed = new StatusFeed(beat => StatusStreamHandler.EventOf(status, beat), _time, 10, status.ForgetRates);
        for (int night = 0; night < 2; night++)
        {
            Task first = feed.NextBeat;
            Assert.True(feed.TryJoin(1, out _));
            await BeatAsync(first);
            Assert.DoesNotContain("interval_seconds", EventOf(feed), StringComparison.Ordinal);
            _time.Advance(TimeSpan.FromSeconds(1));
            await BeatAsync(feed);
            Assert.Contains("\"interval_seconds\":1.00", EventOf(feed), StringComparison.Ordinal);
            feed.Leave(1);
            _time.Fire();
            Assert.True(SpinWait.SpinUntil(() => feed.Latest is null, TimeSpan.FromSeconds(20)));
            _time.Advance(TimeSpan.FromHours(8));
        }

        static string EventOf(StatusFeed feed) => Encoding.UTF8.GetString(feed.Latest!.Event);
    }

    [Fact]
    public async Task ALongIntervalCostsASamplingAtItsMultiplesOnly()
    {
        StatusFeed feed = Feed();
        Task first = feed.NextBeat;
        Assert.True(feed.TryJoin(4, out long firstBeat));
        Assert.Equal(1, firstBeat);
        await BeatAsync(first);
        for (int beat = 2; beat <= 9; beat++)
            await BeatAsync(feed);
        Assert.Equal(3, _samplings); // the newcomer's, and at 4 and 8
        Assert.Equal(8, feed.Latest!.Beat);
    }

    [Fact]
    public async Task ANewcomerGetsTheSampleOfThisBeatOrTheNext()
    {
        StatusFeed feed = Feed();
        Task first = feed.NextBeat;
        Assert.True(feed.TryJoin(60, out _));
        await BeatAsync(first);
        Assert.True(feed.TryJoin(60, out long atOnce));
        Assert.Equal(feed.Latest!.Beat, atOnce);
        await BeatAsync(feed);
        Assert.True(feed.TryJoin(60, out long next));
        Assert.Equal(3, next);
        await BeatAsync(feed);
        Assert.Equal(3, feed.Latest!.Beat);
        Assert.Equal(2, _samplings);
    }

    [Fact]
    public async Task ASamplingThatFailsIsToldToThoseWhoWaitAndTheNextIsTried()
    {
        int calls = 0;
        var feed = new StatusFeed(_ => ++calls == 1 ? throw new InvalidOperationException("broken") : [], _time, 10);
        Task first = feed.NextBeat;
        Assert.True(feed.TryJoin(1, out _));
        await Assert.ThrowsAsync<InvalidOperationException>(() => BeatAsync(first));
        await BeatAsync(feed);
        Assert.Equal(2, feed.Latest!.Beat);
    }

    [Fact]
    public void NoMoreThanAllowedWatch()
    {
        var feed = new StatusFeed(_ => [], _time, 2);
        Assert.True(feed.TryJoin(1, out _));
        Assert.True(feed.TryJoin(2, out _));
        Assert.False(feed.TryJoin(1, out _));
        feed.Leave(2);
        Assert.True(feed.TryJoin(1, out _));
        Assert.Equal(2, feed.Count);
    }

    private StatusFeed Feed() => new(
        _ =>
        {
            _samplings++;
            return [];
        },
        _time,
        1000);

    private Task BeatAsync(StatusFeed feed)
    {
        Task next = feed.NextBeat;
        _time.Fire();
        return BeatAsync(next);
    }

    private static Task BeatAsync(Task beat) => beat.WaitAsync(TimeSpan.FromSeconds(20));
}
