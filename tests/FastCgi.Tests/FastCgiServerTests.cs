using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests;

/// <summary>The server over real Unix sockets: whom it serves, and when.</summary>
public sealed class FastCgiServerTests : IDisposable
{
    private readonly ServedSocket _socket = new();

    public void Dispose() => _socket.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServesManyFrontsOneAfterTheOtherAndAtOnce(bool mayBlock)
    {
        (FastCgiServer server, Task running) = _socket.Start(Site.Echo, mayBlock: mayBlock);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            for (int i = 0; i < 25; i++)
                Assert.Equal($"{n}:{i}", Assert.Single(await ServedSocket.AskAsync(_socket.Connect(), Wire.Post($"{n}:{i}", keep: false))).Text);
        })).WaitAsync(Front.Deadline);
        Socket kept = _socket.Connect();
        for (int i = 0; i < 25; i++)
            Assert.Equal("again", Assert.Single(await ServedSocket.AskAsync(kept, Wire.Post("again"))).Text);
        await ServedSocket.StopAsync(server, running);
        Assert.Empty(Directory.GetFiles(_socket.Folder));
        Assert.True(_socket.Log.IsSilent);
    }

    [Theory]
    [Case(2, 88)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LargeBodiesGoBothWays(bool mayBlock)
    {
        string body = new('x', 3_000_000);
        byte[] request = Wire.OpenPost(body.Length);
        for (int at = 0; at < body.Length; at += 60_000)
            request = [.. request, .. (byte[])new Wire().Stdin(1, body.Substring(at, 60_000))];
        (FastCgiServer server, Task running) = _socket.Start(
            async (asked, response) => await response.Body.WriteAsync(await Site.ReadAllAsync(asked)), mayBlock: mayBlock);
        Assert.Equal(body, Assert.Single(await ServedSocket.AskAsync(_socket.Connect(), new Wire().Then(request).EndStdin(1))).Text);
        await ServedSocket.StopAsync(server, running);
    }

    [Fact]
    [Case(52)]
    public async Task FrontsBeyondTheLimitWaitForAPlace()
    {
        (FastCgiServer server, Task running) = _socket.Start(Site.SayPath, new ServerLimits { MaxConnections = 1 });
        Socket first = _socket.Connect();
        Assert.Single(await ServedSocket.AskAsync(first, Wire.Get("/first")));
        Task<IReadOnlyList<Reply>> second = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/second"));
        Assert.Equal("/again", Assert.Single(await ServedSocket.AskAsync(first, Wire.Get("/again"))).Text);
        Assert.False(second.IsCompleted);
        first.Dispose();
        Assert.Equal("/second", Assert.Single(await second).Text);
        await ServedSocket.StopAsync(server, running);
    }

    [Fact]
    public async Task TheRouterStaysOnTheServersThreadAlsoAfterABodyHeldTheReaderUp()
    {
        var router = new ThreadNotingRouter();
        (FastCgiServer server, Task running) = _socket.Start(router, new ServerLimits { MaxRequestsPerConnection = 64 });
        List<byte> all = [.. (byte[])Wire.OpenPost()];
        for (ushort id = 2; id < 42; id++)
            all.AddRange([.. (byte[])new Wire().Stdin(1, new string('x', 30_000)), .. (byte[])Wire.Get(id: id)]);
        all.AddRange((byte[])new Wire().EndStdin(1));
        Assert.Equal(41, (await ServedSocket.AskAsync(_socket.Connect(), [.. all], replies: 41)).Count);
        Assert.Single(router.Threads.Distinct());
        await ServedSocket.StopAsync(server, running);
    }

    [Fact]
    [Case(71, 72)]
    public async Task TheEndOfTheBodyMayComeInAWriteOfItsOwnBehindTheAnswer()
    {
        (FastCgiServer server, Task<bool> running) = _socket.Start(Site.SayPath);
        for (int i = 0; i < 100; i++)
        {
            using Socket front = _socket.Connect();
            Assert.Equal("/", Assert.Single(await ServedSocket.AskAsync(front, Wire.OpenPost(0, keep: false))).Text);
            await front.SendAsync(new Wire().EndStdin(1).ToArray()); // EPIPE if the server had closed
            Assert.Equal(0, await front.ReceiveAsync(new byte[1]).WaitAsync(Front.Deadline));
        }
        await ServedSocket.StopAsync(server, running);
    }

    [Fact]
    public async Task ChangedLimitsAreThoseOfTheNextConnections()
    {
        (FastCgiServer server, Task running) = _socket.Start(Site.Echo, new ServerLimits { MaxBodyBytes = 5 });
        Socket old = _socket.Connect();
        Assert.Equal("12345", Assert.Single(await ServedSocket.AskAsync(old, Wire.Post("12345"))).Text);
        var changed = new ServerLimits { MaxBodyBytes = 2, MaxConnections = 2 };
        server.Change(new Site(Site.Echo), changed);
        Assert.True(SpinWait.SpinUntil(() => ReferenceEquals(server.Limits, changed), Front.Deadline));

        Socket @new = _socket.Connect();
        Assert.Equal("413 Content Too Large", Assert.Single(await ServedSocket.AskAsync(@new, Wire.Post("123"))).Status);
        Assert.Equal("12", Assert.Single(await ServedSocket.AskAsync(@new, Wire.Post("12"))).Text);
        Task<IReadOnlyList<Reply>> third = ServedSocket.AskAsync(_socket.Connect(), Wire.Post("12")); // above the new limit of connections
        Assert.Equal("12345", Assert.Single(await ServedSocket.AskAsync(old, Wire.Post("12345"))).Text);
        Assert.False(third.IsCompleted);
        old.Dispose();
        Assert.Equal("12", Assert.Single(await third).Text);
        await ServedSocket.StopAsync(server, running);
    }

    /// <summary>Request 1 has its body read on the thread pool; the others are answered at once.</summary>
    private sealed class ThreadNotingRouter : IRequestRouter, IRequestHandler
    {
        public List<Thread> Threads { get; } = [];

        public Route Resolve(FastCgiRequest request)
        {
            lock (Threads)
                Threads.Add(Thread.CurrentThread);
            return new Route(this, MayBlock: request.Id == 1);
        }

        public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
        {
            if (request.Id == 1)
                await Site.ReadAllAsync(request);
        }
    }
}
