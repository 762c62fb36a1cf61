using System;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>Receiving on the test's own thread, which turns the loop when it wants to: nothing happens by itself.</summary>
public class ReceiveTests
{
    [Fact]
    public async Task BytesThatAreThereAreReceivedWithoutTheLoop()
    {
        using var line = new Line();
        line.Peer.Send("abc"u8);
        await line.AssertReceivedAsync("abc", line.ReceiveAsync());
    }

    [Fact]
    public async Task BytesThatComeLaterAreReceivedWhenTheLoopTurns()
    {
        using var line = new Line();
        Task<int> receiving = line.ReceiveAsync();
        line.Turn();
        Assert.False(receiving.IsCompleted);
        line.Peer.Send("abc"u8);
        Assert.False(receiving.IsCompleted);
        line.Turn();
        await line.AssertReceivedAsync("abc", receiving);
    }

    [Fact]
    public async Task AnEmptyBufferWaitsForBytesAndTakesNone()
    {
        using var line = new Line();
        for (int i = 0; i < 3; i++) // not watched by the loop yet, then watched
        {
            Task<int> waiting = line.ReceiveAsync(0);
            line.Turn();
            Assert.False(waiting.IsCompleted);
            line.Peer.Send("abc"u8);
            line.Turn();
            Assert.Equal(0, await Line.AssertEndedAsync(waiting));
            await line.AssertReceivedAsync("abc", line.ReceiveAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnEmptyBufferDoesNotWaitForBytesThatAreThere(bool loopHasSpoken)
    {
        using var line = new Line();
        if (loopHasSpoken)
            await line.WaitOnceAsync();
        line.Peer.Send("abcdef"u8);
        line.Turn();
        for (int i = 0; i < 2; i++)
        {
            Task<int> waiting = line.ReceiveAsync(0);
            line.Turn();
            Assert.Equal(0, await Line.AssertEndedAsync(waiting));
            await line.AssertReceivedAsync(i == 0 ? "abc" : "def", line.ReceiveAsync(3));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnEmptyBufferDoesNotHideTheEnd(bool aborted)
    {
        using var line = new Line();
        Task<int> waiting = line.ReceiveAsync(0);
        if (aborted)
            line.Transport.Abort();
        else
            line.Peer.Dispose();
        line.Turn();
        Assert.Equal(0, await Line.AssertEndedAsync(waiting));
        Assert.Equal(aborted ? -1 : 0, await Line.AssertEndedAsync(line.ReceiveAsync()));
    }

    [Fact]
    public async Task AnArrivalLargerThanTheBufferIsReceivedPieceByPieceWithoutTheLoop()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Send("abcdefg"u8);
        line.Turn(); // the loop speaks once for all of it
        foreach (string piece in new[] { "abc", "def", "g" })
            await line.AssertReceivedAsync(piece, line.ReceiveAsync(3));
    }

    [Fact]
    public async Task ABufferFilledToTheLastByteDoesNotHideTheNextArrival()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Send("abc"u8);
        line.Turn();
        await line.AssertReceivedAsync("abc", line.ReceiveAsync(3));
        Task<int> receiving = line.ReceiveAsync(3);
        Assert.False(receiving.IsCompleted);
        line.Peer.Send("def"u8);
        line.Turn();
        await line.AssertReceivedAsync("def", receiving);
    }

    [Fact]
    public async Task AShortReadBeforeEverWaitingDoesNotHideTheNextArrival()
    {
        using var line = new Line();
        line.Peer.Send("abc"u8);
        await line.AssertReceivedAsync("abc", line.ReceiveAsync());
        line.Peer.Send("def"u8);
        await line.AssertReceivedAsync("def", line.ReceiveAsync());
    }

    /// <summary>A short read ends the asking until the loop has spoken: whoever is first, nothing is missed.</summary>
    [Theory]
    [InlineData("send, start, turn")]
    [InlineData("start, send, turn")]
    [InlineData("send, turn, start")]
    [InlineData("turn, send, start, turn")]
    [InlineData("start, turn, send, turn")]
    [InlineData("turn, start, send, turn")]
    public async Task AfterAShortReadTheNextArrivalIsReceived(string order)
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Send("abc"u8);
        Task<int> receiving = line.ReceiveAsync(); // short, and the loop has not spoken of it yet
        line.Turn();
        await line.AssertReceivedAsync("abc", receiving);
        foreach (string step in order.Split(", "))
        {
            if (step == "send")
                line.Peer.Send("def"u8);
            else if (step == "turn")
                line.Turn();
            else
                receiving = line.ReceiveAsync();
        }
        await line.AssertReceivedAsync("def", receiving);
    }

    [Fact]
    public async Task WhatArrivesBetweenAShortReadAndTheLoopsWordOfItIsReceived()
    {
        using var line = new Line();
        await line.WaitOnceAsync();
        line.Peer.Send("abc"u8);
        line.Turn(); // nobody waits
        await line.AssertReceivedAsync("abc", line.ReceiveAsync());
        line.Peer.Send("def"u8);
        Task<int> receiving = line.ReceiveAsync();
        line.Turn();
        await line.AssertReceivedAsync("def", receiving);
    }

    [Fact]
    public async Task BeingToldOfBytesThatAreNotThereLeavesTheReceiveWaiting()
    {
        using var line = new Line();
        Task<int> receiving = line.ReceiveAsync();
        line.Signal(Readiness.Input | Readiness.Output | Readiness.InputEnd | Readiness.HangUp);
        Assert.False(receiving.IsCompleted);
        line.Peer.Send("abc"u8);
        line.Turn();
        await line.AssertReceivedAsync("abc", receiving);
    }

    [Fact]
    public async Task WhoeverWaitsGoesOnInsideTheTurn()
    {
        using var line = new Line();
        int echoed = 0;
        Task echoing = EchoAsync();
        for (int i = 1; i <= 5; i++)
        {
            line.Peer.Send("abc"u8);
            line.Turn();
            Assert.Equal(i, echoed);
            Assert.Equal("abc", ReceiveText(line.Peer));
        }
        line.Peer.Shutdown(SocketShutdown.Send);
        line.Turn();
        Assert.True(echoing.IsCompletedSuccessfully);

        async Task EchoAsync()
        {
            byte[] buffer = new byte[100];
            int received;
            while ((received = await line.Transport.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
            {
                await line.Transport.SendAsync(buffer.AsMemory(0, received)).ConfigureAwait(false);
                echoed++;
            }
        }
    }

    private static string ReceiveText(Socket peer)
    {
        byte[] buffer = new byte[100];
        return Encoding.Latin1.GetString(buffer, 0, peer.Receive(buffer));
    }
}
