using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>HAProxy, which keeps connections and may ask for management values first.</summary>
/// <remarks>
/// Once a request is answered, 2.6.12 reads no more of its body, and a client that goes on sending waits: hence the small one that
/// is refused.
/// </remarks>
public abstract class HaProxyTests(ITestOutputHelper output) : FrontPromises(output)
{
    /// <summary>In the foreground and in one process (-db).</summary>
    /// <param name="options">Of the fcgi-app.</param>
    /// <param name="ofBackend">Further lines of the backend's.</param>
    internal static FrontSetup HaProxy(string options, string ofBackend = "") =>
        new("haproxy", "-db -f front.conf", port => Configuration(port, options, ofBackend))
        {
            TellsOfLeavingLate = false,
            RefusedBodyBytes = 12_000,
            MostChunkedBytes = 8 * 1024, // it has to know the length, so half its buffer must hold the body
            ChunkedRefusal = HttpStatusCode.BadRequest,
        };

    private static string Configuration(int port, string options, string ofBackend) => string.Create(CultureInfo.InvariantCulture, $"""
        global
            maxconn 1000
            nbthread 1
            log stdout format raw local0
        defaults
            mode http
            log global
            option httplog
            option dontlog-normal
            timeout connect 5s
            timeout client 60s
            timeout server 60s
        fcgi-app responder
            docroot /
            {options}
        frontend web
            bind 127.0.0.1:{port}
            default_backend responder
        backend responder
            http-reuse always
            {ofBackend}
            use-fcgi-app responder
            server responder unix@{Backend.Socket} proto fcgi

        """);
}

[Needs("spawn-fcgi", "haproxy")]
public class HaProxyKeepAliveTests(ITestOutputHelper output) : HaProxyTests(output)
{
    protected override FrontSetup Setup { get; } = HaProxy("option keep-conn");
}

/// <summary>HAProxy that sends requests of several clients on one connection at once.</summary>
/// <remarks>
/// 2.6.12 says 500 by itself to a request whose parameters do not fit what bodies under way have left of its buffer ("error encoding
/// default params" in its trace), whatever the backend does. It logs such a one as an internal error before any header (IH).
/// </remarks>
[Needs("spawn-fcgi", "haproxy")]
public class HaProxyMultiplexedTests(ITestOutputHelper output) : HaProxyTests(output)
{
    internal static FrontSetup Multiplexed { get; } =
        HaProxy("option keep-conn\n    option mpxs-conns\n    option max-reqs 16") with { Multiplexes = true, MarkOfOwnFault = " - - IH-- " };

    protected override FrontSetup Setup => Multiplexed;

    /// <summary>What the other tests of this class rely on, seen from the backend's side.</summary>
    [FrontFact]
    public async Task RequestsShareAConnection()
    {
        Task<string>[] held = await HoldAsync(12);

        int connections = KernelView.Descriptors(Front.BackendPid).Values.Count(target => target.StartsWith("socket:", StringComparison.Ordinal)) - 1;

        Assert.InRange(connections, 1, 2); // beside the listening socket; a second while the first was being opened
        Front.Release("go");
        Assert.All(await Task.WhenAll(held), answer => Assert.Equal("first\nlast\n", answer));
    }

    /// <summary>
    /// An answer that breaks off among others on its connection costs none of theirs. One whose length was announced never looks
    /// whole: 2.6.12 waits for the rest, until its own timeout.
    /// </summary>
    [FrontFact]
    [Case(102)]
    public async Task AnswerThatBreaksOffLeavesThoseBesideItWhole()
    {
        Task<string>[] held = await HoldAsync(8);

        using HttpResponseMessage cutShort = await Client.GetAsync("api/failing?when=short", HttpCompletionOption.ResponseHeadersRead);
        Task<byte[]> rest = cutShort.Content.ReadAsByteArrayAsync();
        Assert.Equal("a good beginning\n", await Client.GetStringAsync("api/failing?when=flushed"));
        Assert.Equal("after=1", await Client.GetStringAsync("api/query?after=1"));

        Assert.All(held, one => Assert.False(one.IsCompleted));
        Front.Release("go");
        Assert.All(await Task.WhenAll(held), answer => Assert.Equal("first\nlast\n", answer));
        Assert.False(rest.IsCompletedSuccessfully);
    }

    /// <summary>2.6.12 ends itself when it has a part of an answer's header, as it may of a record that is longer than its buffer.</summary>
    [FrontFact]
    [Case(86)]
    public async Task HeadersOfLongAnswersNeverReachItInParts()
    {
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async number =>
        {
            using HttpClient client = Front.NewClient(asksAgain: true);
            for (int length = 17_000 + number; length < 40_000; length += 100)
                Assert.Equal(length, (await client.GetByteArrayAsync($"api/pattern?bytes={length}")).Length);
        }));
    }

    /// <summary>Asks for answers that have begun and are complete when the file go is there.</summary>
    private async Task<Task<string>[]> HoldAsync(int requests)
    {
        var held = new Task<string>[requests];
        for (int i = 0; i < requests; i++)
        {
            held[i] = Client.GetStringAsync("api/held?until=go");
            await Front.CounterReachesAsync("held", i + 1);
        }
        return held;
    }
}

/// <summary>HAProxy that asks the backend first whether it may do so, and how many requests one connection may have.</summary>
[Needs("spawn-fcgi", "haproxy")]
public class HaProxyGetValuesTests(ITestOutputHelper output) : HaProxyMultiplexedTests(output)
{
    protected override FrontSetup Setup { get; } = HaProxy("option get-values") with { Multiplexes = true, MarkOfOwnFault = " - - IH-- " };
}
