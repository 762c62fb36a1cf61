using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>Handlers that keep their thread, more of them than may run at once.</summary>
public class BlockingHandlerTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    private const int AtOnce = 4; // ServerLimits.MaxBlockingHandlers
    private const int Waiting = 64; // ServerLimits.MaxQueuedRequests
    private const int Requests = 20;

    [NativeFact]
    public async Task BlockingHandlersDoNotHoldUpTheOthers()
    {
        Task<string>[] blocked = [.. Enumerable.Range(0, Requests).Select(_ => BlockAsync())];
        await CounterReachesAsync("blocked", AtOnce);

        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 100; i++)
            Assert.Equal("""{"status":"ok"}""", await Client.GetStringAsync("api/health"));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15)); // they would wait for the release, which is below
        Assert.Equal(AtOnce, await CounterAsync("blocked"));
        Assert.DoesNotContain(blocked, request => request.IsCompleted);

        Front.Release("go");
        Assert.All(await Task.WhenAll(blocked), answer => Assert.Equal("released\n", answer));
        Assert.Equal(Requests, await CounterAsync("blocked"));

        async Task<string> BlockAsync()
        {
            using HttpClient client = Front.NewClient();
            return await client.GetStringAsync("api/blocking?until=go");
        }
    }

    [NativeFact]
    public async Task MoreThanMayWaitAreToldToComeBack()
    {
        const int TooMany = 10;
        Task<HttpResponseMessage>[] requests = [.. Enumerable.Range(0, AtOnce + Waiting + TooMany).Select(_ => BlockAsync())];

        await Eventually.TrueAsync("those too many are answered", () => requests.Count(request => request.IsCompleted) >= TooMany);
        Front.Release("go");
        HttpResponseMessage[] responses = await Task.WhenAll(requests);

        HttpResponseMessage[] refused = [.. responses.Where(response => response.StatusCode != HttpStatusCode.OK)];
        Assert.Equal(TooMany, refused.Length);
        Assert.All(refused, response =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
            Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        });

        async Task<HttpResponseMessage> BlockAsync()
        {
            using HttpClient client = Front.NewClient();
            return await client.GetAsync("api/blocking?until=go");
        }
    }
}
