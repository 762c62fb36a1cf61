using System;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>The handshake between who starts an operation and the loop, with a socket that does what the test says.</summary>
public class SocketOperationTests
{
    [Fact]
    public async Task ReadinessBetweenTheAttemptAndTheWaitIsNotForgotten()
    {
        var socket = new ScriptedSocket();
        socket.OnWatch = () => socket.Arrive(5); // the loop speaks before anybody is known to wait
        ValueTask<int> receiving = socket.StartAsync(new byte[10]);
        Assert.True(receiving.IsCompleted);
        Assert.Equal(5, await receiving);
    }

    [Fact]
    public async Task ReadinessDuringAShortReadIsNotTakenForOlderThanIt()
    {
        var socket = new ScriptedSocket();
        socket.Arrive(3);
        socket.OnTaken = () => socket.Arrive(4); // comes after the last look at the socket
        Assert.Equal(3, await socket.StartAsync(new byte[10]));
        socket.OnTaken = null;
        ValueTask<int> receiving = socket.StartAsync(new byte[10]);
        Assert.True(receiving.IsCompleted);
        Assert.Equal(4, await receiving);
    }

    [Fact]
    public async Task AShortReadSavesTheNextAttemptAndNoMore()
    {
        var socket = new ScriptedSocket();
        socket.Arrive(3);
        Assert.Equal(3, await socket.StartAsync(new byte[10]));
        int attempts = socket.Attempts;
        ValueTask<int> receiving = socket.StartAsync(new byte[10]);
        Assert.False(receiving.IsCompleted);
        Assert.Equal(attempts, socket.Attempts);
        socket.Arrive(4);
        Assert.Equal(4, await receiving);
        Assert.Equal(attempts + 1, socket.Attempts);
    }

    [Fact]
    public async Task AnEmptyBufferWaitsWithoutAnAttempt()
    {
        var socket = new ScriptedSocket();
        Task<int> waiting = socket.StartAsync(default).AsTask();
        Assert.False(waiting.IsCompleted);
        socket.Arrive(3);
        Assert.Equal(0, await waiting);
        Assert.Equal(0, socket.Attempts);
        Assert.Equal(0, await socket.StartAsync(default)); // it still has them
        Assert.Equal(3, await socket.StartAsync(new byte[10]));
        Assert.False(socket.StartAsync(default).AsTask().IsCompleted);
        Assert.Equal(1, socket.Attempts);
    }

    /// <summary>Without system calls both sides meet in every gap. Each arrival waits until the last was received.</summary>
    [Fact]
    public async Task StartAndReadinessOnTwoThreadsNeverMissEachOther()
    {
        const int Arrivals = 30_000;
        var socket = new ScriptedSocket();
        int received = 0;
        Task loop = LoopThread.StartElsewhere(() =>
        {
            var random = new Random(1);
            for (int i = 0; i < Arrivals; i++)
            {
                WaitUntil(() => Volatile.Read(ref received) == i);
                Thread.SpinWait(random.Next(20));
                socket.Arrive(1);
            }
        });
        Task receiver = LoopThread.StartElsewhere(() =>
        {
            var random = new Random(2);
            byte[] buffer = new byte[2];
            for (int i = 0; i < Arrivals; i++)
            {
                Thread.SpinWait(random.Next(20));
                if (random.Next(2) == 0)
                {
                    ValueTask<int> waiting = socket.StartAsync(default);
                    WaitUntil(() => waiting.IsCompleted);
                    Assert.Equal(0, waiting.GetAwaiter().GetResult());
                }
                ValueTask<int> receiving = socket.StartAsync(buffer.AsMemory(0, random.Next(1, 3)));
                WaitUntil(() => receiving.IsCompleted);
                Assert.Equal(1, receiving.GetAwaiter().GetResult());
                Volatile.Write(ref received, i + 1);
            }
        });
        await Task.WhenAll(loop, receiver);
    }

    private static void WaitUntil(Func<bool> condition)
    {
        long deadline = Environment.TickCount64 + (long)Front.Deadline.TotalMilliseconds;
        for (SpinWait spin = default; !condition(); spin.SpinOnce(sleep1Threshold: -1))
            Assert.True(Environment.TickCount64 < deadline, "a wake-up was lost");
    }

    private sealed class ScriptedSocket : SocketOperation
    {
        private int _there;

        public int Attempts { get; private set; }

        public Action? OnWatch { get; set; }

        /// <summary>What happens when bytes have been taken, before it is known that they were few.</summary>
        public Action? OnTaken { get; set; }

        protected override bool MayTrustNextChange => true;

        /// <summary>Bytes come and the loop says so.</summary>
        public void Arrive(int bytes)
        {
            Interlocked.Add(ref _there, bytes);
            OnReady();
        }

        protected override int Try(Span<byte> buffer)
        {
            Attempts++;
            int taken = Math.Min(buffer.Length, Volatile.Read(ref _there));
            if (taken == 0)
                return LibC.WouldBlock;
            Interlocked.Add(ref _there, -taken);
            OnTaken?.Invoke();
            return taken;
        }

        protected override void WatchSocket(bool anew)
        {
            OnWatch?.Invoke();
            if (anew && Volatile.Read(ref _there) > 0)
                OnReady();
        }
    }
}
