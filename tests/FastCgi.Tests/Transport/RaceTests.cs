using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>The loop on its own thread, operations started there or on the pool, peers with random timing.</summary>
public class RaceTests
{
    private const int LargestMessage = 3000;

    /// <summary>Both wait for each other at every turn: one lost wake-up, and neither goes on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PingPongOfRandomSizesAndTimingNeverStops(bool onThePool)
    {
        const int Rounds = 2000;
        using var line = new Line();
        using var thread = new LoopThread(line.Loop);
        Task<int> echoing = Task.Run(() => EchoAsync(line.Transport, onThePool, seed: 1));
        await LoopThread.StartElsewhere(() =>
        {
            var random = new Random(2);
            byte[] sent = Line.Pattern(LargestMessage);
            byte[] received = new byte[LargestMessage];
            for (int i = 0; i < Rounds; i++)
            {
                int length = random.Next(10) == 0 ? random.Next(1, LargestMessage) : random.Next(1, 20);
                int cut = random.Next(length);
                line.Peer.Send(sent.AsSpan(0, cut));
                Thread.SpinWait(random.Next(300));
                line.Peer.Send(sent.AsSpan(cut, length - cut));
                for (int arrived = 0; arrived < length;)
                    arrived += line.Peer.Receive(received.AsSpan(arrived, length - arrived));
                Assert.Equal(sent.AsSpan(0, length), received.AsSpan(0, length));
            }
            line.Peer.Shutdown(SocketShutdown.Send);
        }).WaitAsync(Front.Deadline);
        await LoopThread.LeaveAfterAsync(echoing);
    }

    /// <summary>Byte by byte, so that every receive races with the one arrival that can end it.</summary>
    [Fact]
    public async Task AReceiveStartedWhileTheLoopSpeaksIsNotForgotten()
    {
        const int Rounds = 3000;
        using var line = new Line();
        using var thread = new LoopThread(line.Loop);
        Task<int> echoing = Task.Run(() => EchoAsync(line.Transport, onThePool: true, seed: 3));
        await LoopThread.StartElsewhere(() =>
        {
            var random = new Random(4);
            byte[] one = new byte[1];
            for (int i = 0; i < Rounds; i++)
            {
                Thread.SpinWait(random.Next(100));
                line.Peer.Send(one);
                Assert.Equal(1, line.Peer.Receive(one));
            }
            line.Peer.Shutdown(SocketShutdown.Send);
        }).WaitAsync(Front.Deadline);
        await LoopThread.LeaveAfterAsync(echoing);
    }

    /// <summary>The peer reads all there is and waits for more: a send that is forgotten would never be woken again.</summary>
    [Fact]
    public async Task ASendStartedWhileTheLoopSpeaksIsNotForgotten()
    {
        const int Most = 20_000;
        byte[] all = Line.Pattern(12_000_000);
        using var line = new Line();
        using var thread = new LoopThread(line.Loop);
        Task<int> sending = Task.Run(async () =>
        {
            int waits = 0;
            for (int sent = 0; sent < all.Length;)
            {
                ValueTask<int> one = line.Transport.SendAsync(all.AsMemory(sent, Math.Min(Most, all.Length - sent)));
                waits += one.IsCompleted ? 0 : 1;
                int now = await one.ConfigureAwait(false);
                Assert.True(now > 0);
                sent += now;
                await Task.Yield(); // back to the pool
            }
            return waits;
        });
        byte[] received = new byte[all.Length];
        await LoopThread.StartElsewhere(() =>
        {
            var random = new Random(5);
            for (int arrived = 0; arrived < received.Length;)
            {
                Thread.SpinWait(random.Next(1000));
                int most = Math.Min(random.Next(1, 3 * Most), received.Length - arrived);
                arrived += line.Peer.Receive(received.AsSpan(arrived, most));
            }
        }).WaitAsync(Front.Deadline);
        Assert.True(await LoopThread.LeaveAfterAsync(sending) > 0);
        Assert.True(all.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task TheLastBytesAndTheEndAreReceivedHoweverTheyCome()
    {
        using var line = new Line();
        using var thread = new LoopThread(line.Loop);
        var random = new Random(6);
        for (int i = 0; i < 300; i++)
        {
            Task<int> counting = Task.Run(() => EchoAsync(line.Transport, onThePool: true, seed: i, answers: false));
            int length = random.Next(1, 5000);
            Thread.SpinWait(random.Next(2000));
            line.Peer.Send(new byte[length]);
            Thread.SpinWait(random.Next(500));
            if (random.Next(2) == 0)
                line.Peer.Shutdown(SocketShutdown.Send);
            else
                line.Peer.Dispose();
            Assert.Equal(length, await LoopThread.LeaveAfterAsync(counting));
            await thread.DoAsync(line.Reconnect);
        }
    }

    [Fact]
    public async Task AnAbortAlwaysWakesWhoeverWaitsOrIsAboutTo()
    {
        byte[] much = new byte[1_000_000];
        using var line = new Line();
        using var thread = new LoopThread(line.Loop);
        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            Task<int> receiving = Task.Run(async () => await line.Transport.ReceiveAsync(new byte[100]).ConfigureAwait(false));
            Task<int> sending = Task.Run(async () =>
            {
                int sent;
                do
                    sent = await line.Transport.SendAsync(much).ConfigureAwait(false);
                while (sent > 0);
                return sent;
            });
            Thread.SpinWait(random.Next(3000));
            line.Transport.Abort();
            Assert.Equal(SocketOperation.Broken, await LoopThread.LeaveAfterAsync(receiving));
            Assert.Equal(SocketOperation.Broken, await LoopThread.LeaveAfterAsync(sending));
            await thread.DoAsync(line.Reconnect);
        }
    }

    /// <summary>Sends back what it receives, if it answers, until the end. How many bytes came.</summary>
    private static async Task<int> EchoAsync(SocketTransport transport, bool onThePool, int seed, bool answers = true)
    {
        var random = new Random(seed);
        byte[] buffer = new byte[1000];
        int total = 0;
        while (true)
        {
            Thread.SpinWait(random.Next(100));
            int received = await transport.ReceiveAsync(buffer.AsMemory(0, random.Next(1, buffer.Length))).ConfigureAwait(false);
            if (received <= 0)
                return received < 0 ? received : total;
            total += received;
            if (onThePool)
                await Task.Yield(); // the loop's thread goes on with what it has to say
            for (int sent = 0; answers && sent < received;)
            {
                int now = await transport.SendAsync(buffer.AsMemory(sent, received - sent)).ConfigureAwait(false);
                Assert.True(now > 0);
                sent += now;
            }
        }
    }
}
