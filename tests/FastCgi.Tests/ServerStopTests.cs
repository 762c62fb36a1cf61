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

/// <summary>The server over real Unix sockets: what becomes of what is in flight, or waits, when it is stopped.</summary>
public sealed class ServerStopTests : IDisposable
{
    private readonly ServedSocket _socket = new();

    public void Dispose() => _socket.Dispose();

    [Fact]
    [Case(116)]
    public async Task StopFinishesWhatIsInFlight()
    {
        var started = new TaskCompletionSource();
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task running) = _socket.Start(async (request, response) =>
        {
            started.TrySetResult();
            await hold.Task;
            await Site.SayPath(request, response);
        });
        Task<IReadOnlyList<Reply>> asking = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/late"));
        await started.Task.WaitAsync(Front.Deadline);
        server.Stop();
        Assert.True(SpinWait.SpinUntil(() => Directory.GetFiles(_socket.Folder).Length == 0, Front.Deadline)); // new fronts are told at once
        Assert.False(running.IsCompleted);
        hold.SetResult();
        Assert.Equal("/late", Assert.Single(await asking).Text);
        _socket.CloseFronts();
        await running.WaitAsync(Front.Deadline);
        server.Dispose();
    }

    [Theory]
    [Case(116, 120)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatAKeptConnectionHasSentWhenTheServerEndsIsServed(bool recycles)
    {
        using var started = new ManualResetEventSlim();
        using var sent = new ManualResetEventSlim();
        FastCgiServer? stopped = null;
        (FastCgiServer server, Task<bool> running) = _socket.Start(
            (request, response) =>
            {
                if (request.Path.SequenceEqual("/last"u8))
                {
                    started.Set();
                    sent.Wait(Front.Deadline); // on the thread that reads
                    if (!recycles)
                        Volatile.Read(ref stopped)!.Stop();
                }
                return Site.Echo(request, response);
            },
            new ServerLimits { RecycleAfterRequests = recycles ? 3 : 0 });
        Volatile.Write(ref stopped, server);
        Socket kept = _socket.Connect();
        Socket other = _socket.Connect();
        Assert.Single(await ServedSocket.AskAsync(kept, Wire.Get()));
        Assert.Single(await ServedSocket.AskAsync(other, Wire.Get()));
        Task<IReadOnlyList<Reply>> last = ServedSocket.AskAsync(other, Wire.Get("/last"));
        Assert.True(started.Wait(Front.Deadline));
        Task<IReadOnlyList<Reply>> waiting = ServedSocket.AskAsync(kept, Wire.Post("sent before"));
        sent.Set();

        Assert.Single(await last);
        Assert.Equal("sent before", Assert.Single(await waiting).Text);
        Assert.Equal(0, await kept.ReceiveAsync(new byte[1]).WaitAsync(Front.Deadline));
        Assert.Equal(recycles, await running.WaitAsync(Front.Deadline));
        server.Dispose();
    }

    [Fact]
    [Case(117)]
    public async Task ASecondStopCutsOffWhatIsInFlight()
    {
        var started = new TaskCompletionSource();
        (FastCgiServer server, Task running) = _socket.Start(async (request, _) =>
        {
            started.TrySetResult();
            await Site.Forever(request.Aborted);
        });
        Task<IReadOnlyList<Reply>> asking = ServedSocket.AskAsync(_socket.Connect(), Wire.Get());
        await started.Task.WaitAsync(Front.Deadline);
        server.Stop();
        Assert.False(running.IsCompleted);
        server.Stop();
        await running.WaitAsync(Front.Deadline);
        Assert.Empty(await asking);
        server.Dispose();
    }

    [Fact]
    [Case(116)]
    public async Task StopIsPromptAlsoWhenEveryPlaceIsTaken()
    {
        (FastCgiServer server, Task running) = _socket.Start(Site.SayPath, new ServerLimits { MaxConnections = 1 });
        Socket kept = _socket.Connect();
        Assert.Single(await ServedSocket.AskAsync(kept, Wire.Get()));
        await ServedSocket.StopAsync(server, running);
    }

    [Fact]
    public async Task AnAnswerWithoutAnEndOfItsOwnLearnsOfTheStop()
    {
        FastCgiServer? stopped = null;
        (FastCgiServer server, Task<bool> running) = _socket.Start(async (_, _) =>
        {
            var stop = new TaskCompletionSource();
            using CancellationTokenRegistration registration = Volatile.Read(ref stopped)!.Stopping.Register(stop.SetResult);
            await stop.Task;
        });
        Volatile.Write(ref stopped, server);
        Task<IReadOnlyList<Reply>> asking = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/endless", keep: false));
        Assert.True(SpinWait.SpinUntil(() => server.Figures.ActiveRequests == 1, Front.Deadline));
        Assert.False(server.Stopping.IsCancellationRequested);
        server.Stop();
        Assert.Single(await asking);
        _socket.CloseFronts();
        await running.WaitAsync(Front.Deadline);
        Assert.True(_socket.Log.IsSilent); // nothing was cut off
        server.Dispose();
    }

    [Fact]
    public async Task WhatDoesNotEndInTimeIsCutOff()
    {
        var started = new TaskCompletionSource();
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task running) = _socket.Start(
            async (_, _) =>
            {
                started.TrySetResult();
                await hold.Task;
            },
            new ServerLimits { MaxConnections = 1, DrainTimeout = TimeSpan.FromMilliseconds(50) });
        Task<IReadOnlyList<Reply>> asking = ServedSocket.AskAsync(_socket.Connect(), Wire.Get());
        await started.Task.WaitAsync(Front.Deadline);
        server.Stop();
        await running.WaitAsync(Front.Deadline);
        Assert.Empty(await asking);
        Assert.Contains("cut off", _socket.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
        hold.SetResult();
    }

    [Fact]
    [Case(52, 116)]
    public async Task WhoWaitsForAPlaceWhenTheServerIsStoppedGetsIt()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = _socket.Start(Site.HeldAt(hold), new ServerLimits { MaxConnections = 1 });
        Task<IReadOnlyList<Reply>> held = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/held", keep: false));
        Assert.True(SpinWait.SpinUntil(() => server.Figures.ActiveRequests == 1, Front.Deadline));
        Task<IReadOnlyList<Reply>>[] waiting =
            [.. Enumerable.Range(0, 3).Select(_ => ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/waiting")))];
        server.Stop();
        hold.SetResult();

        Assert.Single(await held);
        Assert.All(await Task.WhenAll(waiting), replies => Assert.Equal("/waiting", Assert.Single(replies).Text));
        await running.WaitAsync(Front.Deadline);
        Assert.True(_socket.Log.IsSilent);
        server.Dispose();
    }

    [Fact]
    [Case(116)]
    public async Task WhoWaitsInTheQueueWhenTheServerIsStoppedIsServed()
    {
        using var connected = new ManualResetEventSlim();
        FastCgiServer? stopped = null;
        (FastCgiServer server, Task running) = _socket.Start((request, response) =>
        {
            if (request.Path.SequenceEqual("/stop"u8))
            {
                connected.Wait(Front.Deadline); // on the thread that accepts
                Volatile.Read(ref stopped)!.Stop();
            }
            return Site.SayPath(request, response);
        });
        Volatile.Write(ref stopped, server);
        Socket kept = _socket.Connect();
        Assert.Single(await ServedSocket.AskAsync(kept, Wire.Get("/first")));
        Task<IReadOnlyList<Reply>> stop = ServedSocket.AskAsync(kept, Wire.Get("/stop"));
        Task<IReadOnlyList<Reply>> late = ServedSocket.AskAsync(_socket.Connect(), Wire.Get("/late", keep: false));
        connected.Set();

        Assert.Equal("/stop", Assert.Single(await stop).Text);
        Assert.Equal("/late", Assert.Single(await late).Text);
        _socket.CloseFronts();
        await running.WaitAsync(Front.Deadline);
        server.Dispose();
    }
}
