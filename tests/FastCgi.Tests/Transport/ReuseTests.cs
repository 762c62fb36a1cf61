using System.Net.Sockets;
using System.Threading.Tasks;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>A transport that serves one connection after the other: each starts as if it were the first.</summary>
public class ReuseTests
{
    [Fact]
    public async Task NothingIsLeftOfAnAbort()
    {
        using var line = new Line();
        Task<int> receiving = line.ReceiveAsync();
        (Task<int> sending, _) = await line.FillAsync(new byte[4_000_000]);
        line.Transport.Abort();
        line.Turn();
        await Task.WhenAll(receiving, sending);
        line.Reconnect();
        await AssertWorksAsync(line);
    }

    [Fact]
    public async Task NothingIsLeftOfAnAbortTheLoopHasNotSpokenOf()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Transport.Abort();
        line.Reconnect();
        await AssertWorksAsync(line);
    }

    [Fact]
    public async Task NothingIsLeftOfTheEnd()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Shutdown(SocketShutdown.Both);
        line.Turn();
        Assert.Equal(0, await Line.AssertEndedAsync(line.ReceiveAsync()));
        line.Reconnect();
        await AssertWorksAsync(line);
    }

    [Fact]
    public async Task AShortReadOfTheLastConnectionDoesNotHideBytesOfTheNext()
    {
        using var line = new Line();
        await line.WaitOnceAsync(); // short: that socket is not asked again before the loop speaks
        line.Reconnect();
        line.Peer.Send("abc"u8);
        await line.AssertReceivedAsync("abc", line.ReceiveAsync());
    }

    [Fact]
    public async Task BytesTheLastConnectionLeftAreNotTheNextOnes()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Send("left"u8);
        line.Reconnect();
        Task<int> receiving = line.ReceiveAsync();
        line.Turn();
        Assert.False(receiving.IsCompleted);
        line.Peer.Send("abc"u8);
        line.Turn();
        await line.AssertReceivedAsync("abc", receiving);
    }

    /// <summary>The loop may still speak of the last connection when the next has its number.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WordOfTheLastConnectionsEndIsNotTheNextOnesEnd(bool waiting)
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Reconnect();
        Task<int>? receiving = waiting ? line.ReceiveAsync() : null;
        line.Signal(Readiness.Input | Readiness.Output | Readiness.Error | Readiness.HangUp | Readiness.InputEnd);
        Assert.False(line.Transport.PeerHasGone());
        receiving ??= line.ReceiveAsync();
        line.Turn();
        Assert.False(receiving.IsCompleted);
        line.Peer.Send("abc"u8);
        line.Turn();
        await line.AssertReceivedAsync("abc", receiving);
        await AssertWorksAsync(line);
    }

    [Fact]
    public async Task ManyConnectionsAreServedOneAfterTheOther()
    {
        using var line = new Line();
        for (int i = 0; i < 300; i++)
        {
            if (i % 3 == 0)
                line.Transport.Abort();
            else if (i % 3 == 1)
                line.Peer.Dispose();
            line.Reconnect();
            await AssertWorksAsync(line);
        }
    }

    private static async Task AssertWorksAsync(Line line)
    {
        Assert.False(line.Transport.PeerHasGone());
        for (int i = 0; i < 2; i++)
        {
            Task<int> receiving = line.ReceiveAsync();
            line.Turn();
            Assert.False(receiving.IsCompleted);
            line.Peer.Send("request"u8);
            line.Turn();
            await line.AssertReceivedAsync("request", receiving);
            Assert.Equal(6, await Line.AssertEndedAsync(line.SendAsync("answer")));
            Assert.Equal(6, line.Peer.Receive(new byte[100]));
        }
        line.Peer.Shutdown(SocketShutdown.Send);
        Task<int> last = line.ReceiveAsync();
        if (!last.IsCompleted)
            line.Turn();
        Assert.Equal(0, await Line.AssertEndedAsync(last));
    }
}
