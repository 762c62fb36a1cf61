using System;
using System.Threading.Tasks;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>Sending to peers that read, do not read, and read again.</summary>
public class SendTests
{
    private static readonly byte[] All = Line.Pattern(3_000_000);

    [Fact]
    public async Task WhatThereIsRoomForIsSentWithoutTheLoop()
    {
        using var line = new Line();
        Assert.Equal(3, await Line.AssertEndedAsync(line.SendAsync("abc")));
        byte[] received = new byte[10];
        Assert.Equal(3, line.Peer.Receive(received));
        Assert.Equal("abc"u8, received.AsSpan(0, 3));
    }

    [Fact]
    public async Task ASendWaitsWhileThePeerDoesNotReadAndResumesUntilEveryByteArrivedInOrder()
    {
        using var line = new Line();
        byte[] received = new byte[All.Length];
        int sent = 0, arrived = 0, waits = 0;
        while (sent < All.Length)
        {
            Task<int> sending = line.Transport.SendAsync(All.AsMemory(sent)).AsTask();
            if (!sending.IsCompleted)
            {
                waits++;
                line.Turn();
                Assert.False(sending.IsCompleted);
                while (line.Peer.Available > 0)
                    arrived += line.Peer.Receive(received.AsSpan(arrived));
                line.Turn();
            }
            sent += await Line.AssertEndedAsync(sending);
        }
        while (arrived < sent)
            arrived += line.Peer.Receive(received.AsSpan(arrived));
        Assert.True(waits > 2);
        Assert.Equal(All, received);
    }

    [Fact]
    public async Task ASlowPeerReceivesEveryByteInOrder()
    {
        using var line = new Line();
        using var thread = new LoopThread(line.Loop);
        Task<int> sending = SendAllAsync();
        byte[] received = new byte[All.Length];
        for (int arrived = 0; arrived < received.Length;)
            arrived += line.Peer.Receive(received.AsSpan(arrived, Math.Min(5000, received.Length - arrived)));
        Assert.Equal(All.Length, await LoopThread.LeaveAfterAsync(sending));
        Assert.Equal(All, received);

        async Task<int> SendAllAsync()
        {
            int sent = 0;
            while (sent < All.Length)
                sent += await line.Transport.SendAsync(All.AsMemory(sent)).ConfigureAwait(false);
            return sent;
        }
    }

    [Fact]
    public async Task ASendAndAReceiveWaitAtOnceAndEachEndsForItsOwnReason()
    {
        using var line = new Line();
        Task<int> receiving = line.ReceiveAsync();
        (Task<int> sending, int sent) = await line.FillAsync(All);
        line.Peer.Send("abc"u8);
        line.Turn();
        await line.AssertReceivedAsync("abc", receiving);
        Assert.False(sending.IsCompleted);

        receiving = line.ReceiveAsync();
        for (byte[] buffer = new byte[64 * 1024]; sent > 0;)
            sent -= line.Peer.Receive(buffer);
        line.Turn();
        Assert.True(await Line.AssertEndedAsync(sending) > 0);
        Assert.False(receiving.IsCompleted);
        line.Peer.Send("def"u8);
        line.Turn();
        await line.AssertReceivedAsync("def", receiving);
    }

    [Fact]
    public async Task BytesThatWereThereBeforeASendWaitedAreStillReceived()
    {
        using var line = new Line();
        line.Peer.Send("abc"u8);
        await line.FillAsync(All); // registers, and the loop speaks of the input while nobody receives
        line.Turn();
        await line.AssertReceivedAsync("abc", line.ReceiveAsync());
        Task<int> receiving = line.ReceiveAsync();
        line.Peer.Send("def"u8);
        line.Turn();
        await line.AssertReceivedAsync("def", receiving);
        line.Transport.Abort();
    }
}
