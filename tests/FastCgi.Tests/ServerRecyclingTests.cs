using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests;

/// <summary>The server over real Unix sockets: how it ends for another to follow, after so many requests or with so much memory.</summary>
public sealed class ServerRecyclingTests : IDisposable
{
    private readonly ServedSocket _socket = new();

    public void Dispose() => _socket.Dispose();

    [Fact]
    [Case(120)]
    public async Task AfterItsNumberOfRequestsTheServerServesOnUntilNothingIsInFlight()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = _socket.Start(Site.HeldAt(hold), new ServerLimits { RecycleAfterRequests = 3 });
        Socket kept = _socket.Connect();
        Task<IReadOnlyList<Reply>> held = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/held", keep: false));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("200 OK", Assert.Single(await ServedSocket.AskAsync(kept, Wire.Get())).Status);
            Assert.Equal("200 OK", Assert.Single(await ServedSocket.AskAsync(_socket.Connect(), Wire.Get(keep: false))).Status);
        }
        Assert.False(running.IsCompleted);
        Assert.False(server.Stopping.IsCancellationRequested);
        hold.SetResult();

        Assert.Equal("/held", Assert.Single(await held).Text);
        Assert.Equal(0, await kept.ReceiveAsync(new byte[1]).WaitAsync(Front.Deadline)); // an idle connection is closed
        Assert.True(await running.WaitAsync(Front.Deadline));
        Assert.Equal("recycling after 3 requests", _socket.Log.Only(ServerLogLevel.Information));
        server.Dispose();
    }

    [Fact]
    [Case(120)]
    public async Task WhenSomethingIsAlwaysInFlightTheServerFinishesItAfterItsPatience()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = _socket.Start(
            Site.HeldAt(hold), new ServerLimits { RecycleAfterRequests = 3, RecyclePatience = TimeSpan.FromMilliseconds(50) });
        Socket kept = _socket.Connect();
        Task<IReadOnlyList<Reply>> held = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/held", keep: false));
        Assert.Single(await ServedSocket.AskAsync(kept, Wire.Get("/second")));
        Assert.Equal("/third", Assert.Single(await ServedSocket.AskAsync(kept, Wire.Get("/third"))).Text);
        Assert.Equal(0, await kept.ReceiveAsync(new byte[1]).WaitAsync(Front.Deadline));
        Assert.True(server.Stopping.IsCancellationRequested);
        Assert.False(running.IsCompleted);
        hold.SetResult();

        Assert.Equal("/held", Assert.Single(await held).Text);
        _socket.CloseFronts();
        Assert.True(await running.WaitAsync(Front.Deadline));
        server.Dispose();
    }

    [Fact]
    [Case(120)]
    public async Task ConnectionsAreLeftToTheServerThatFollowsWithWhatTheFrontHasSentMeanwhile()
    {
        string path = Path.Combine(_socket.Folder, "s");
        using ListenSocket listen = ListenSocket.BindUnix(path, UnixFileMode.UserRead | UnixFileMode.UserWrite, 64);
        using var first = new FastCgiServer(new Site(Site.SayPath), new ServerLimits { RecycleAfterRequests = 2 }, _socket.Log);
        Task<bool> running = Task.Factory.StartNew(
            () => first.RunUntilReplaced(listen, handsOver: true), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Socket[] kept = [_socket.Connect(), _socket.Connect()];
        Assert.Single(await ServedSocket.AskAsync(kept[0], Wire.Get()));
        Assert.Single(await ServedSocket.AskAsync(kept[1], Wire.Get()));
        Assert.True(await running.WaitAsync(Front.Deadline));
        Task<IReadOnlyList<Reply>> meanwhile = ServedSocket.AskAsync(kept[0], Wire.Get("/meanwhile"));
        Task<IReadOnlyList<Reply>> connected = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/connected"));
        listen.Connections = first.KeptConnections;

        using var second = new FastCgiServer(new Site(Site.SayPath), new ServerLimits(), _socket.Log);
        running = Task.Factory.StartNew(
            () => second.RunUntilReplaced(listen, handsOver: true), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal("/meanwhile", Assert.Single(await meanwhile).Text);
        Assert.Equal("/connected", Assert.Single(await connected).Text);
        Assert.Equal("/again", Assert.Single(await ServedSocket.AskAsync(kept[1], Wire.Get("/again"))).Text);
        Assert.Equal(3, second.Figures.OpenConnections);
        second.Stop();
        Assert.False(await running.WaitAsync(Front.Deadline));
        Assert.All(kept, front => Assert.Equal(0, front.Receive(new byte[1])));
    }

    [Fact]
    [Case(120)]
    public async Task AFrontThatHasJustConnectedIsServedBeforeTheServerIsReplaced()
    {
        (FastCgiServer server, Task<bool> running) = _socket.Start(Site.SayPath, new ServerLimits { RecycleAfterRequests = 1 });
        Socket fresh = _socket.Connect();
        Assert.True(SpinWait.SpinUntil(() => server.Figures.OpenConnections == 1, Front.Deadline));
        Assert.Single(await ServedSocket.AskAsync(_socket.Connect(), Wire.Get(keep: false)));
        Assert.Equal("recycling after 1 requests", _socket.Log.Only(ServerLogLevel.Information));
        Assert.Equal("/fresh", Assert.Single(await ServedSocket.AskAsync(fresh, Wire.Get("/fresh"))).Text);
        Assert.True(await running.WaitAsync(Front.Deadline));
        server.Dispose();
    }

    [Fact]
    [Case(120)]
    public async Task AboveItsMemoryTheServerEndsAndWhoHasConnectedIsServed()
    {
        (FastCgiServer server, Task<bool> running) = _socket.Start(Site.SayPath, new ServerLimits { RecycleAboveMemoryBytes = 1 });
        Socket kept = _socket.Connect();
        Assert.Single(await ServedSocket.AskAsync(kept, Wire.Get()));
        Assert.True(await running.WaitAsync(Front.Deadline));
        Assert.Matches("^recycling after [01] requests, at [0-9]+ bytes of memory$", _socket.Log.Only(ServerLogLevel.Information));
        server.Dispose();
    }

    [Fact]
    [Case(117, 120)]
    public async Task AStopWhileItRecyclesIsAStop()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = _socket.Start(async (_, _) => await hold.Task, new ServerLimits { RecycleAfterRequests = 1 });
        Task<IReadOnlyList<Reply>> held = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/held", keep: false));
        Assert.True(SpinWait.SpinUntil(() => _socket.Log.Lines.Length > 0, Front.Deadline));
        server.Stop();
        hold.SetResult();
        Assert.Single(await held);
        _socket.CloseFronts();
        Assert.False(await running.WaitAsync(Front.Deadline));
        server.Dispose();
    }
}
