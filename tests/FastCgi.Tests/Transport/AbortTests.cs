using System.Threading.Tasks;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>Ending both directions from our side.</summary>
public class AbortTests
{
    [Fact]
    public async Task WakesWhateverWaits()
    {
        using var line = new Line();
        Task<int> receiving = line.ReceiveAsync();
        (Task<int> sending, _) = await line.FillAsync(new byte[4_000_000]);
        line.Turn();
        line.Transport.Abort();
        line.Turn();
        Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(receiving));
        Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(sending));
        await AssertEverythingIsBrokenAsync(line);
    }

    [Fact]
    public async Task BreaksLaterOperationsOfAConnectionThatNeverWaited()
    {
        using var line = new Line();
        line.Transport.Abort();
        await AssertEverythingIsBrokenAsync(line);
    }

    [Fact]
    public async Task BreaksLaterOperationsAlsoAfterAShortRead()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Transport.Abort();
        Task<int> receiving = line.ReceiveAsync(); // may leave it to the loop to say so
        line.Turn();
        Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(receiving));
        await AssertEverythingIsBrokenAsync(line);
    }

    [Fact]
    public async Task BytesThatAreThereAreNotReceivedAnyMore()
    {
        using var line = new Line();
        line.Peer.Send("abc"u8);
        line.Transport.Abort();
        await AssertEverythingIsBrokenAsync(line);
    }

    [Fact]
    public async Task OfABrokenConnectionOrCalledAgainItIsQuiet()
    {
        using var line = new Line();
        line.Peer.Dispose();
        line.Turn();
        line.Transport.Abort();
        line.Transport.Abort();
        await AssertEverythingIsBrokenAsync(line);
    }

    [Fact]
    public void EndsThePeersInput()
    {
        using var line = new Line();
        line.Transport.Abort();
        Assert.Equal(0, line.Peer.Receive(new byte[10]));
        Assert.True(line.Transport.PeerHasGone());
    }

    private static async Task AssertEverythingIsBrokenAsync(Line line)
    {
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(line.ReceiveAsync()));
            Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(line.SendAsync("x")));
            line.Turn();
        }
    }
}
