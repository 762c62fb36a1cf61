using System.Net.Sockets;
using System.Threading.Tasks;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>The peer finishes sending, closes, or breaks the connection; or we finish sending.</summary>
public class EndOfStreamTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task BytesThatCameTogetherWithTheEndAreReceivedBeforeIt(bool waitedBefore, bool turned)
    {
        using var line = new Line();
        if (waitedBefore)
            await line.WaitOnceAsync();
        line.Peer.Send("last"u8);
        line.Peer.Shutdown(SocketShutdown.Send);
        if (turned)
            line.Turn();
        Task<int> receiving = line.ReceiveAsync();
        if (!receiving.IsCompleted)
            line.Turn();
        await line.AssertReceivedAsync("last", receiving);
        await AssertEndIsReceivedAsync(line);
    }

    [Fact]
    public async Task AWaitingReceiveTakesTheBytesBeforeTheEndThatCameWithThem()
    {
        using var line = new Line();
        Task<int> receiving = line.ReceiveAsync();
        line.Peer.Send("last"u8);
        line.Peer.Dispose();
        line.Turn();
        await line.AssertReceivedAsync("last", receiving);
        await AssertEndIsReceivedAsync(line);
    }

    [Theory]
    [InlineData("end, start, turn")]
    [InlineData("start, end, turn")]
    [InlineData("end, turn, start")]
    public async Task TheEndAfterADrainedReadIsReceived(string order)
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        Task<int>? receiving = null;
        foreach (string step in order.Split(", "))
        {
            if (step == "end")
                line.Peer.Shutdown(SocketShutdown.Send);
            else if (step == "turn")
                line.Turn();
            else
                receiving = line.ReceiveAsync();
        }
        Assert.Equal(0, await Line.AssertEndedAsync(receiving!));
    }

    [Fact]
    public async Task TheEndStaysTheEnd()
    {
        using var line = new Line();
        line.Peer.Shutdown(SocketShutdown.Send);
        for (int i = 0; i < 3; i++)
        {
            await AssertEndIsReceivedAsync(line);
            line.Turn();
        }
    }

    [Fact]
    [Case(116)]
    public async Task APeerThatIsReceivedFromNoMoreIsToldSoAndLosesNothingItHasSent()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Send("before"u8);
        Assert.Equal(6, line.Transport.UnreadInput());
        Assert.True(line.Transport.TryStopReceiving());
        Assert.Equal(SocketError.Shutdown, Assert.Throws<SocketException>(() => line.Peer.Send("after"u8)).SocketErrorCode); // EPIPE
        line.Turn();
        Assert.False(line.Transport.PeerHasGone());
        await line.AssertReceivedAsync("before", line.ReceiveAsync());
        Assert.Equal(0, await Line.AssertEndedAsync(line.ReceiveAsync()));
        Assert.Equal(6, await line.SendAsync("answer"));
        line.Peer.Dispose();
        Assert.True(line.Transport.PeerHasGone());
    }

    [Fact]
    public void ThereIsNoWayToTellThatToAPeerOverTcp()
    {
        using var loop = new EventLoop();
        var transport = new SocketTransport(loop);
        transport.Open(LibC.TcpSocket(LibC.InternetFamily));
        Assert.False(transport.TryStopReceiving());
        transport.Close();
    }

    [Fact]
    public async Task APeerThatFinishedSendingHasNotGoneAndIsStillSentTo()
    {
        using var line = new Line();
        Task<int> receiving = line.ReceiveAsync();
        Assert.False(line.Transport.PeerHasGone());
        line.Peer.Shutdown(SocketShutdown.Send);
        line.Turn();
        Assert.Equal(0, await Line.AssertEndedAsync(receiving));
        Assert.False(line.Transport.PeerHasGone());
        Assert.Equal(6, await Line.AssertEndedAsync(line.SendAsync("answer")));
        Assert.Equal(6, line.Peer.Receive(new byte[100]));
    }

    [Fact]
    public async Task APeerThatClosedHasGoneAlsoWithBytesStillToBeReceived()
    {
        using var line = new Line();
        line.Peer.Send("last"u8);
        line.Peer.Dispose();
        Assert.True(line.Transport.PeerHasGone());
        await line.AssertReceivedAsync("last", line.ReceiveAsync());
        await AssertEndIsReceivedAsync(line);
        Assert.True(line.Transport.PeerHasGone());
    }

    [Fact]
    public async Task APeerThatFinishedSendingAndClosesLaterHasGoneThen()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Shutdown(SocketShutdown.Send);
        line.Turn();
        await AssertEndIsReceivedAsync(line);
        Assert.False(line.Transport.PeerHasGone());
        line.Peer.Dispose();
        Assert.True(line.Transport.PeerHasGone());
    }

    [Fact]
    public async Task SendingToAPeerThatClosedIsBroken()
    {
        using var line = new Line();
        line.Peer.Dispose();
        Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(line.SendAsync("answer")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task APeerThatClosedWithoutReadingBreaksTheReceive(bool waiting)
    {
        using var line = new Line();
        Assert.Equal(6, await line.SendAsync("unread"));
        Task<int>? receiving = waiting ? line.ReceiveAsync() : null;
        line.Peer.Dispose(); // ECONNRESET
        line.Turn();
        Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(receiving ?? line.ReceiveAsync()));
        Assert.True(line.Transport.PeerHasGone());
    }

    [Fact]
    public async Task APeerThatClosesWhileASendWaitsBreaksIt()
    {
        using var line = new Line();
        (Task<int> sending, _) = await line.FillAsync(new byte[4_000_000]);
        line.Peer.Dispose();
        line.Turn();
        Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(sending));
    }

    [Fact]
    public async Task FinishingSendingEndsThePeersInputWhileReceivingGoesOn()
    {
        using var line = new Line();
        Assert.Equal(6, await line.SendAsync("answer"));
        Task<int> receiving = line.ReceiveAsync();
        line.Transport.FinishSending();
        line.Turn();
        Assert.False(receiving.IsCompleted);
        Assert.Equal(6, line.Peer.Receive(new byte[100]));
        Assert.Equal(0, line.Peer.Receive(new byte[100]));
        for (int i = 0; i < 3; i++)
        {
            line.Peer.Send("more"u8);
            line.Turn();
            await line.AssertReceivedAsync("more", receiving);
            receiving = line.ReceiveAsync();
        }
        Assert.Equal(SocketOperation.Broken, await Line.AssertEndedAsync(line.SendAsync("too late")));
        line.Peer.Dispose();
        line.Turn();
        Assert.Equal(0, await Line.AssertEndedAsync(receiving));
    }

    private static async Task AssertEndIsReceivedAsync(Line line)
    {
        Task<int> receiving = line.ReceiveAsync();
        if (!receiving.IsCompleted)
            line.Turn();
        Assert.Equal(0, await Line.AssertEndedAsync(receiving));
    }
}
