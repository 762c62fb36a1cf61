using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>Clients that go away in the middle: the handler is told (cases 62, 64), and nothing of them stays.</summary>
/// <remarks>
/// lighttpd notices a client that has only stopped sending (FIN) when it next has bytes for it, one that is gone (RST) at once;
/// it tells us by closing the connection.
/// </remarks>
public class HangUpTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Of 100 000 such clients 6 to 8 MB stay; each keeps up to 64 KiB while it is there.</summary>
    private const long MostMemory = 10_000_000;

    [NativeFact]
    [Case(62)]
    public async Task HandlerThatWaitsIsToldThatItsClientIsGone()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", "/api/held?until=never");
        await client.ReadHeadAsync();
        await CounterReachesAsync("held", 1);

        client.HangUp();

        await CounterReachesAsync("cancelled", 1);
    }

    [NativeTheory]
    [Case(64, 118)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HandlerThatWritesIsToldThatItsClientIsGone(bool reset)
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port, receiveBuffer: 64 * 1024);
        await client.SendHeadAsync("GET", "/api/pattern?bytes=1000000000");
        await client.ReadHeadAsync();
        await client.ReadExactlyAsync((int)Mebibyte);

        if (reset)
            client.HangUp();
        else
            client.Dispose();

        await CounterReachesAsync("cancelled", 1);
        Assert.InRange(await CounterAsync("pattern_bytes"), Mebibyte, 100 * Mebibyte);
    }

    [NativeFact]
    public async Task HandlerThatReadsIsToldThatItsClientIsGone()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/echo", "Content-Length: 1000000");
        await client.SendAsync(new byte[1000]);
        await client.ReadHeadAsync(); // the handler has the 1000 bytes and waits for more
        int backend = Front.BackendPid();
        int descriptors = KernelView.Descriptors(backend).Count;

        client.HangUp();

        await Eventually.TrueAsync("the connection is given back", () => KernelView.Descriptors(backend).Count < descriptors);
    }

    [NativeFact]
    [Case(64, 118)]
    public async Task NothingStaysOfManyClientsThatHangUp()
    {
        const int Rounds = 10;
        const int AtOnce = 20;
        int backend = Front.BackendPid();
        await HangUpAsync(AtOnce); // the first ones make what is used again later
        await CounterReachesAsync("cancelled", AtOnce);
        int descriptors = 0;
        await Eventually.TrueAsync("descriptors are given back", () => (descriptors = KernelView.Descriptors(backend).Count) < AtOnce);

        for (int round = 1; round <= Rounds; round++)
        {
            await HangUpAsync(AtOnce);
            await CounterReachesAsync("cancelled", AtOnce * (round + 1));
        }

        await Eventually.TrueAsync("descriptors are given back", () => KernelView.Descriptors(backend).Count <= descriptors + 1);
        Assert.InRange(KernelView.ResidentBytes(backend), 1, MostMemory);
        Assert.Equal("""{"status":"ok"}""", await Client.GetStringAsync("api/health"));
        Assert.Equal(backend, Front.BackendPid());
    }

    /// <summary>Half of them in the middle of a long response, half while the handler waits.</summary>
    private async Task HangUpAsync(int clients)
    {
        var open = new RawClient[clients];
        for (int i = 0; i < clients; i++)
        {
            open[i] = await RawClient.ConnectAsync(Front.Port, receiveBuffer: 64 * 1024);
            await open[i].SendHeadAsync("GET", i % 2 == 0 ? "/api/pattern?bytes=1000000000" : "/api/held?until=never");
            await open[i].ReadHeadAsync();
        }
        foreach (RawClient client in open)
        {
            client.HangUp();
            client.Dispose();
        }
    }
}
