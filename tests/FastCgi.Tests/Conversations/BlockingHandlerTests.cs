using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Handlers that may block: on the thread pool and nowhere else, a bounded number at once.</summary>
public sealed class BlockingHandlerTests : IDisposable
{
    private readonly ManualResetEventSlim _gate = new();

    public void Dispose() => _gate.Dispose();

    [Fact]
    public void TheyRunOnThePoolFromTheirStartToTheirEnd()
    {
        ConcurrentQueue<bool> onPool = new();
        var front = new Front(
            async (request, response) =>
            {
                onPool.Enqueue(Thread.CurrentThread.IsThreadPoolThread);
                byte[] body = await Site.ReadAllAsync(request);
                onPool.Enqueue(Thread.CurrentThread.IsThreadPoolThread);
                response.Body.Write(body);
                await response.Body.FlushAsync();
                onPool.Enqueue(Thread.CurrentThread.IsThreadPoolThread);
                await response.Body.WriteAsync(body);
                onPool.Enqueue(Thread.CurrentThread.IsThreadPoolThread);
            },
            mayBlock: true);

        // As the sockets' thread does: not one of the pool, and it must never be kept.
        OnThreadOfItsOwn(() => front.StopReading(window: 10).Send(Wire.OpenPost(5)));
        front.WaitFor(() => onPool.Count == 1, "the handler to start");
        OnThreadOfItsOwn(() => front.Send(new Wire().Stdin(1, "ab")));
        OnThreadOfItsOwn(() => front.Send(new Wire().Stdin(1, "cde").EndStdin(1)));
        front.WaitFor(() => front.Transport.ServerIsHeldUp, "the first flush");
        Assert.Equal(2, onPool.Count);
        OnThreadOfItsOwn(() => front.StartReading());
        Assert.Equal("abcdeabcde", front.Reply().Text);
        Assert.Equal([true, true, true, true], onPool);
    }

    [Fact]
    public void TheConnectionIsReadWhileTheyBlock()
    {
        int started = 0, cancelled = 0;
        var front = new Front(
            (request, _) =>
            {
                Volatile.Write(ref started, 1);
                request.Aborted.WaitHandle.WaitOne(Front.Deadline);
                cancelled++;
                return default;
            },
            mayBlock: true);
        front.Send(Wire.Get()).WaitFor(() => Volatile.Read(ref started) == 1, "the handler to start");
        front.Send(new Wire().GetValues("FCGI_MAX_CONNS"));
        Assert.Single(front.Output.Management);
        Assert.Equal(1u, front.Ask(new Wire().Abort(1)).ApplicationStatus);
        Assert.Equal(1, cancelled);
    }

    [Fact]
    public void NoMoreThanAllowedRunAtOnceAndTheRestWaitInTheirOrder()
    {
        int running = 0, most = 0;
        ConcurrentQueue<ushort> started = new();
        var front = new Front(
            (request, _) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                started.Enqueue(request.Id);
                Assert.True(_gate.Wait(Front.Deadline));
                Interlocked.Decrement(ref running);
                return default;
            },
            new ServerLimits { MaxBlockingHandlers = 2, MaxQueuedRequests = 5 },
            mayBlock: true);
        for (ushort id = 1; id <= 7; id++)
            front.Send(Wire.Get(id: id));
        front.WaitFor(() => started.Count == 2, "two handlers");

        Reply refused = front.Ask(Wire.Get(id: 8));
        RefusalTests.AssertProblem(refused, 503, "busy");
        Assert.Equal(8, refused.Id);

        _gate.Set();
        for (int i = 0; i < 7; i++)
            Assert.Equal("200 OK", front.Reply().Status);
        Assert.Equal(2, most);
        Assert.Equal([3, 4, 5, 6, 7], started.Skip(2).Select(id => (int)id).Order());
        Assert.Equal("200 OK", front.Ask(Wire.Get(id: 9)).Status);
    }

    [Fact]
    [Case(54)]
    public void ARequestAbortedWhileItWaitsForATurnNeverRuns()
    {
        ConcurrentQueue<ushort> started = new();
        var front = new Front(
            (request, _) =>
            {
                started.Enqueue(request.Id);
                Assert.True(_gate.Wait(Front.Deadline));
                return default;
            },
            new ServerLimits { MaxBlockingHandlers = 1 },
            mayBlock: true);
        front.Send(Wire.Get(id: 1));
        front.WaitFor(() => started.Count == 1, "the first handler");
        front.Send(Wire.Get(id: 2)).Send(Wire.Get(id: 3)).Send(new Wire().Abort(2));
        _gate.Set();
        Assert.Equal([1, 2, 3], [front.Reply().Id, front.Reply().Id, front.Reply().Id]);
        Assert.Equal([1, 3], started.Select(id => (int)id));
        Assert.Equal([0u, 1u, 0u], front.AllReplies().Select(reply => reply.ApplicationStatus));
    }

    [Fact]
    public void OneThatThrowsFreesItsPlace()
    {
        var front = new Front((_, _) => throw new InvalidOperationException("secret"), new ServerLimits { MaxBlockingHandlers = 1 }, mayBlock: true);
        for (int i = 0; i < 20; i++)
            Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get()).Status);
    }

    [Fact]
    public void OneThatHasReturnedFreesItsPlaceWhoeverIsSlowToReadWhatItWrote()
    {
        byte[] body = new byte[200_000];
        Array.Fill(body, (byte)'x');
        var slow = new Front(
            (_, response) => response.WriteWholeAsync(body),
            new ServerLimits { MaxBlockingHandlers = 1 },
            mayBlock: true);
        slow.StopReading(window: 10).Send(Wire.Get());
        slow.WaitFor(() => slow.Transport.ServerIsHeldUp, "the answer to be under way");

        Front other = slow.Beside();
        Assert.Equal(body.Length, other.Ask(Wire.Get()).Text.Length);
        Assert.True(slow.Transport.ServerIsHeldUp);

        slow.StartReading();
        Assert.Equal(body.Length, slow.Reply().Text.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99_990)] // with the header, a little more than may be kept
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void AWholeBodyMayBeLongerThanWhatIsKept(int length)
    {
        var front = new Front(
            (_, response) => response.WriteWholeAsync(new byte[length]),
            new ServerLimits { MaxUnflushedBytes = 100_000 },
            mayBlock: true);
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal("200 OK", reply.Status);
        Assert.Equal($"{length}", reply.Header("Content-Length"));
        Assert.Equal(length, reply.Text.Length);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value)
            Interlocked.CompareExchange(ref most, value, seen);
    }

    private static void OnThreadOfItsOwn(Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(action));
        thread.Start();
        Assert.True(thread.Join(Front.Deadline), "the sockets' thread is kept");
        Assert.Null(thrown);
    }
}
