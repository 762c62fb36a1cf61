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

/// <summary>The server over real Unix sockets: from accept to stop.</summary>
public sealed class FastCgiServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fcgi").FullName;
    private readonly List<Socket> _fronts = [];
    private readonly MemoryLog _log = new();

    public void Dispose()
    {
        _fronts.ForEach(front => front.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServesManyFrontsOneAfterTheOtherAndAtOnce(bool mayBlock)
    {
        (FastCgiServer server, Task running) = Start(Site.Echo, mayBlock: mayBlock);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            for (int i = 0; i < 25; i++)
                Assert.Equal($"{n}:{i}", Assert.Single(await AskAsync(Connect(), Wire.Post($"{n}:{i}", keep: false))).Text);
        })).WaitAsync(Front.Deadline);
        Socket kept = Connect();
        for (int i = 0; i < 25; i++)
            Assert.Equal("again", Assert.Single(await AskAsync(kept, Wire.Post("again"))).Text);
        await StopAsync(server, running);
        Assert.Empty(Directory.GetFiles(_folder));
        Assert.True(_log.IsSilent);
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
        (FastCgiServer server, Task running) = Start(
            async (asked, response) => await response.Body.WriteAsync(await Site.ReadAllAsync(asked)), mayBlock: mayBlock);
        Assert.Equal(body, Assert.Single(await AskAsync(Connect(), new Wire().Then(request).EndStdin(1))).Text);
        await StopAsync(server, running);
    }

    [Fact]
    [Case(116)]
    public async Task StopFinishesWhatIsInFlight()
    {
        var started = new TaskCompletionSource();
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task running) = Start(async (request, response) =>
        {
            started.TrySetResult();
            await hold.Task;
            await Site.SayPath(request, response);
        });
        Task<IReadOnlyList<Reply>> asking = AskAsync(Connect(), Wire.Get("/late"));
        await started.Task.WaitAsync(Front.Deadline);
        server.Stop();
        Assert.True(SpinWait.SpinUntil(() => Directory.GetFiles(_folder).Length == 0, Front.Deadline)); // new fronts are told at once
        Assert.False(running.IsCompleted);
        hold.SetResult();
        Assert.Equal("/late", Assert.Single(await asking).Text);
        _fronts.ForEach(front => front.Dispose());
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
        (FastCgiServer server, Task<bool> running) = Start(
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
        Socket kept = Connect();
        Socket other = Connect();
        Assert.Single(await AskAsync(kept, Wire.Get()));
        Assert.Single(await AskAsync(other, Wire.Get()));
        Task<IReadOnlyList<Reply>> last = AskAsync(other, Wire.Get("/last"));
        Assert.True(started.Wait(Front.Deadline));
        Task<IReadOnlyList<Reply>> waiting = AskAsync(kept, Wire.Post("sent before"));
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
        (FastCgiServer server, Task running) = Start(async (request, _) =>
        {
            started.TrySetResult();
            await Site.Forever(request.Aborted);
        });
        Task<IReadOnlyList<Reply>> asking = AskAsync(Connect(), Wire.Get());
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
        (FastCgiServer server, Task running) = Start(Site.SayPath, new ServerLimits { MaxConnections = 1 });
        Socket kept = Connect();
        Assert.Single(await AskAsync(kept, Wire.Get()));
        await StopAsync(server, running);
    }

    [Fact]
    public async Task AnAnswerWithoutAnEndOfItsOwnLearnsOfTheStop()
    {
        FastCgiServer? stopped = null;
        (FastCgiServer server, Task<bool> running) = Start(async (_, _) =>
        {
            var stop = new TaskCompletionSource();
            using CancellationTokenRegistration registration = Volatile.Read(ref stopped)!.Stopping.Register(stop.SetResult);
            await stop.Task;
        });
        Volatile.Write(ref stopped, server);
        Task<IReadOnlyList<Reply>> asking = AskAsync(Connect(), Wire.Get("/endless", keep: false));
        Assert.True(SpinWait.SpinUntil(() => server.Figures.ActiveRequests == 1, Front.Deadline));
        Assert.False(server.Stopping.IsCancellationRequested);
        server.Stop();
        Assert.Single(await asking);
        _fronts.ForEach(front => front.Dispose());
        await running.WaitAsync(Front.Deadline);
        Assert.True(_log.IsSilent); // nothing was cut off
        server.Dispose();
    }

    [Fact]
    public async Task WhatDoesNotEndInTimeIsCutOff()
    {
        var started = new TaskCompletionSource();
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task running) = Start(
            async (_, _) =>
            {
                started.TrySetResult();
                await hold.Task;
            },
            new ServerLimits { MaxConnections = 1, DrainTimeout = TimeSpan.FromMilliseconds(50) });
        Task<IReadOnlyList<Reply>> asking = AskAsync(Connect(), Wire.Get());
        await started.Task.WaitAsync(Front.Deadline);
        server.Stop();
        await running.WaitAsync(Front.Deadline);
        Assert.Empty(await asking);
        Assert.Contains("cut off", _log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
        hold.SetResult();
    }

    [Fact]
    [Case(52, 116)]
    public async Task WhoWaitsForAPlaceWhenTheServerIsStoppedGetsIt()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = Start(HeldAt(hold), new ServerLimits { MaxConnections = 1 });
        Task<IReadOnlyList<Reply>> held = AskAsync(Connect(), Wire.Get("/held", keep: false));
        Assert.True(SpinWait.SpinUntil(() => server.Figures.ActiveRequests == 1, Front.Deadline));
        Task<IReadOnlyList<Reply>>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => AskAsync(Connect(), Wire.Get("/waiting")))];
        server.Stop();
        hold.SetResult();

        Assert.Single(await held);
        Assert.All(await Task.WhenAll(waiting), replies => Assert.Equal("/waiting", Assert.Single(replies).Text));
        await running.WaitAsync(Front.Deadline);
        Assert.True(_log.IsSilent);
        server.Dispose();
    }

    [Fact]
    [Case(52)]
    public async Task FrontsBeyondTheLimitWaitForAPlace()
    {
        (FastCgiServer server, Task running) = Start(Site.SayPath, new ServerLimits { MaxConnections = 1 });
        Socket first = Connect();
        Assert.Single(await AskAsync(first, Wire.Get("/first")));
        Task<IReadOnlyList<Reply>> second = AskAsync(Connect(), Wire.Get("/second"));
        Assert.Equal("/again", Assert.Single(await AskAsync(first, Wire.Get("/again"))).Text);
        Assert.False(second.IsCompleted);
        first.Dispose();
        Assert.Equal("/second", Assert.Single(await second).Text);
        await StopAsync(server, running);
    }

    [Fact]
    public async Task TheRouterStaysOnTheServersThreadAlsoAfterABodyHeldTheReaderUp()
    {
        var router = new ThreadNotingRouter();
        (FastCgiServer server, Task running) = Start(router, new ServerLimits { MaxRequestsPerConnection = 64 });
        List<byte> all = [.. (byte[])Wire.OpenPost()];
        for (ushort id = 2; id < 42; id++)
            all.AddRange([.. (byte[])new Wire().Stdin(1, new string('x', 30_000)), .. (byte[])Wire.Get(id: id)]);
        all.AddRange((byte[])new Wire().EndStdin(1));
        Assert.Equal(41, (await AskAsync(Connect(), [.. all], replies: 41)).Count);
        Assert.Single(router.Threads.Distinct());
        await StopAsync(server, running);
    }

    [Fact]
    [Case(116)]
    public async Task WhoWaitsInTheQueueWhenTheServerIsStoppedIsServed()
    {
        using var connected = new ManualResetEventSlim();
        FastCgiServer? stopped = null;
        (FastCgiServer server, Task running) = Start((request, response) =>
        {
            if (request.Path.SequenceEqual("/stop"u8))
            {
                connected.Wait(Front.Deadline); // on the thread that accepts
                Volatile.Read(ref stopped)!.Stop();
            }
            return Site.SayPath(request, response);
        });
        Volatile.Write(ref stopped, server);
        Socket kept = Connect();
        Assert.Single(await AskAsync(kept, Wire.Get("/first")));
        Task<IReadOnlyList<Reply>> stop = AskAsync(kept, Wire.Get("/stop"));
        Task<IReadOnlyList<Reply>> late = AskAsync(Connect(), Wire.Get("/late", keep: false));
        connected.Set();

        Assert.Equal("/stop", Assert.Single(await stop).Text);
        Assert.Equal("/late", Assert.Single(await late).Text);
        _fronts.ForEach(front => front.Dispose());
        await running.WaitAsync(Front.Deadline);
        server.Dispose();
    }

    [Fact]
    [Case(120)]
    public async Task AfterItsNumberOfRequestsTheServerServesOnUntilNothingIsInFlight()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = Start(HeldAt(hold), new ServerLimits { RecycleAfterRequests = 3 });
        Socket kept = Connect();
        Task<IReadOnlyList<Reply>> held = AskAsync(Connect(), Wire.Get("/held", keep: false));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("200 OK", Assert.Single(await AskAsync(kept, Wire.Get())).Status);
            Assert.Equal("200 OK", Assert.Single(await AskAsync(Connect(), Wire.Get(keep: false))).Status);
        }
        Assert.False(running.IsCompleted);
        Assert.False(server.Stopping.IsCancellationRequested);
        hold.SetResult();

        Assert.Equal("/held", Assert.Single(await held).Text);
        Assert.Equal(0, await kept.ReceiveAsync(new byte[1]).WaitAsync(Front.Deadline)); // an idle connection is closed
        Assert.True(await running.WaitAsync(Front.Deadline));
        Assert.Equal("recycling after 3 requests", _log.Only(ServerLogLevel.Information));
        server.Dispose();
    }

    [Fact]
    [Case(120)]
    public async Task WhenSomethingIsAlwaysInFlightTheServerFinishesItAfterItsPatience()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = Start(
            HeldAt(hold), new ServerLimits { RecycleAfterRequests = 3, RecyclePatience = TimeSpan.FromMilliseconds(50) });
        Socket kept = Connect();
        Task<IReadOnlyList<Reply>> held = AskAsync(Connect(), Wire.Get("/held", keep: false));
        Assert.Single(await AskAsync(kept, Wire.Get("/second")));
        Assert.Equal("/third", Assert.Single(await AskAsync(kept, Wire.Get("/third"))).Text);
        Assert.Equal(0, await kept.ReceiveAsync(new byte[1]).WaitAsync(Front.Deadline));
        Assert.True(server.Stopping.IsCancellationRequested);
        Assert.False(running.IsCompleted);
        hold.SetResult();

        Assert.Equal("/held", Assert.Single(await held).Text);
        _fronts.ForEach(front => front.Dispose());
        Assert.True(await running.WaitAsync(Front.Deadline));
        server.Dispose();
    }

    [Fact]
    [Case(120)]
    public async Task ConnectionsAreLeftToTheServerThatFollowsWithWhatTheFrontHasSentMeanwhile()
    {
        string path = Path.Combine(_folder, "s");
        using ListenSocket listen = ListenSocket.BindUnix(path, UnixFileMode.UserRead | UnixFileMode.UserWrite, 64);
        using var first = new FastCgiServer(new Site(Site.SayPath), new ServerLimits { RecycleAfterRequests = 2 }, _log);
        Task<bool> running = Task.Factory.StartNew(
            () => first.RunUntilReplaced(listen, handsOver: true), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Socket[] kept = [Connect(), Connect()];
        Assert.Single(await AskAsync(kept[0], Wire.Get()));
        Assert.Single(await AskAsync(kept[1], Wire.Get()));
        Assert.True(await running.WaitAsync(Front.Deadline));
        Task<IReadOnlyList<Reply>> meanwhile = AskAsync(kept[0], Wire.Get("/meanwhile"));
        Task<IReadOnlyList<Reply>> connected = AskAsync(Connect(), Wire.Get("/connected"));
        listen.Connections = first.KeptConnections;

        using var second = new FastCgiServer(new Site(Site.SayPath), new ServerLimits(), _log);
        running = Task.Factory.StartNew(
            () => second.RunUntilReplaced(listen, handsOver: true), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal("/meanwhile", Assert.Single(await meanwhile).Text);
        Assert.Equal("/connected", Assert.Single(await connected).Text);
        Assert.Equal("/again", Assert.Single(await AskAsync(kept[1], Wire.Get("/again"))).Text);
        Assert.Equal(3, second.Figures.OpenConnections);
        second.Stop();
        Assert.False(await running.WaitAsync(Front.Deadline));
        Assert.All(kept, front => Assert.Equal(0, front.Receive(new byte[1])));
    }

    [Fact]
    [Case(120)]
    public async Task AFrontThatHasJustConnectedIsServedBeforeTheServerIsReplaced()
    {
        (FastCgiServer server, Task<bool> running) = Start(Site.SayPath, new ServerLimits { RecycleAfterRequests = 1 });
        Socket fresh = Connect();
        Assert.True(SpinWait.SpinUntil(() => server.Figures.OpenConnections == 1, Front.Deadline));
        Assert.Single(await AskAsync(Connect(), Wire.Get(keep: false)));
        Assert.Equal("recycling after 1 requests", _log.Only(ServerLogLevel.Information));
        Assert.Equal("/fresh", Assert.Single(await AskAsync(fresh, Wire.Get("/fresh"))).Text);
        Assert.True(await running.WaitAsync(Front.Deadline));
        server.Dispose();
    }

    [Fact]
    [Case(120)]
    public async Task AboveItsMemoryTheServerEndsAndWhoHasConnectedIsServed()
    {
        (FastCgiServer server, Task<bool> running) = Start(Site.SayPath, new ServerLimits { RecycleAboveMemoryBytes = 1 });
        Socket kept = Connect();
        Assert.Single(await AskAsync(kept, Wire.Get()));
        Assert.True(await running.WaitAsync(Front.Deadline));
        Assert.Matches("^recycling after [01] requests, at [0-9]+ bytes of memory$", _log.Only(ServerLogLevel.Information));
        server.Dispose();
    }

    [Fact]
    [Case(117, 120)]
    public async Task AStopWhileItRecyclesIsAStop()
    {
        var hold = new TaskCompletionSource();
        (FastCgiServer server, Task<bool> running) = Start(async (_, _) => await hold.Task, new ServerLimits { RecycleAfterRequests = 1 });
        Task<IReadOnlyList<Reply>> held = AskAsync(Connect(), Wire.Get("/held", keep: false));
        Assert.True(SpinWait.SpinUntil(() => _log.Lines.Length > 0, Front.Deadline));
        server.Stop();
        hold.SetResult();
        Assert.Single(await held);
        _fronts.ForEach(front => front.Dispose());
        Assert.False(await running.WaitAsync(Front.Deadline));
        server.Dispose();
    }

    [Fact]
    [Case(71, 72)]
    public async Task TheEndOfTheBodyMayComeInAWriteOfItsOwnBehindTheAnswer()
    {
        (FastCgiServer server, Task<bool> running) = Start(Site.SayPath);
        for (int i = 0; i < 100; i++)
        {
            using Socket front = Connect();
            Assert.Equal("/", Assert.Single(await AskAsync(front, Wire.OpenPost(0, keep: false))).Text);
            await front.SendAsync(new Wire().EndStdin(1).ToArray()); // EPIPE if the server had closed
            Assert.Equal(0, await front.ReceiveAsync(new byte[1]).WaitAsync(Front.Deadline));
        }
        await StopAsync(server, running);
    }

    [Fact]
    public async Task ChangedLimitsAreThoseOfTheNextConnections()
    {
        (FastCgiServer server, Task running) = Start(Site.Echo, new ServerLimits { MaxBodyBytes = 5 });
        Socket old = Connect();
        Assert.Equal("12345", Assert.Single(await AskAsync(old, Wire.Post("12345"))).Text);
        var changed = new ServerLimits { MaxBodyBytes = 2, MaxConnections = 2 };
        server.Change(new Site(Site.Echo), changed);
        Assert.True(SpinWait.SpinUntil(() => ReferenceEquals(server.Limits, changed), Front.Deadline));

        Socket @new = Connect();
        Assert.Equal("413 Content Too Large", Assert.Single(await AskAsync(@new, Wire.Post("123"))).Status);
        Assert.Equal("12", Assert.Single(await AskAsync(@new, Wire.Post("12"))).Text);
        Task<IReadOnlyList<Reply>> third = AskAsync(Connect(), Wire.Post("12")); // above the new limit of connections
        Assert.Equal("12345", Assert.Single(await AskAsync(old, Wire.Post("12345"))).Text);
        Assert.False(third.IsCompleted);
        old.Dispose();
        Assert.Equal("12", Assert.Single(await third).Text);
        await StopAsync(server, running);
    }

    /// <summary>Answers everything, /held not before the task has ended.</summary>
    private static Handling HeldAt(TaskCompletionSource hold) => async (request, response) =>
    {
        if (request.Path.SequenceEqual("/held"u8))
            await hold.Task;
        await Site.SayPath(request, response);
    };

    private (FastCgiServer Server, Task<bool> Running) Start(Handling handle, ServerLimits? limits = null, bool mayBlock = false) =>
        Start(new Site(handle, mayBlock), limits);

    private (FastCgiServer Server, Task<bool> Running) Start(IRequestRouter router, ServerLimits? limits)
    {
        ListenSocket listen = ListenSocket.BindUnix(Path.Combine(_folder, "s"), UnixFileMode.UserRead | UnixFileMode.UserWrite, 64);
        var server = new FastCgiServer(router, limits ?? new ServerLimits(), _log);
        var running = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            bool wornOut = false;
            if (Record.Exception(() => { wornOut = server.Run(listen); }) is Exception e)
                running.SetException(e);
            else
                running.SetResult(wornOut);
        }).Start();
        return (server, running.Task);
    }

    private static async Task StopAsync(FastCgiServer server, Task running)
    {
        server.Stop();
        await running.WaitAsync(Front.Deadline);
        server.Dispose();
    }

    private Socket Connect()
    {
        var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        lock (_fronts)
            _fronts.Add(front);
        front.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        return front;
    }

    /// <summary>Sends, and reads until so many requests have ended or the server has closed.</summary>
    private static async Task<IReadOnlyList<Reply>> AskAsync(Socket front, byte[] request, int replies = 1)
    {
        var transcript = new Transcript();
        Task sending = front.SendAsync(request).WaitAsync(Front.Deadline);
        byte[] buffer = new byte[64 * 1024];
        while (transcript.Ended.Count < replies)
        {
            int received = await front.ReceiveAsync(buffer).WaitAsync(Front.Deadline);
            if (received == 0)
                break;
            transcript.Feed(buffer.AsMemory(0, received));
        }
        await sending;
        return transcript.Ended;
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
