using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>Connections are accepted as long as there is room, and wait otherwise. On a loop that the test turns.</summary>
public sealed class AcceptorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fcgi").FullName;
    private readonly EventLoop _loop = new();
    private readonly ListenSocket _listen;
    private readonly RequestDispatcher _dispatcher;
    private readonly ConnectionSet _connections;
    private readonly List<SocketConnection> _open = [];
    private readonly List<Socket> _fronts = [];
    private readonly MemoryLog _log = new();

    public AcceptorTests()
    {
        _listen = ListenSocket.BindUnix(Path.Combine(_folder, "s"), UnixFileMode.UserRead | UnixFileMode.UserWrite, 256);
        _dispatcher = new RequestDispatcher(new Site(Site.SayPath), new ServerLimits(), _log);
        _connections = new ConnectionSet(_loop, _dispatcher);
    }

    public void Dispose()
    {
        Close(_open.Count);
        _fronts.ForEach(front => front.Dispose());
        _listen.Dispose();
        _loop.Dispose();
        Directory.Delete(_folder);
    }

    [Fact]
    [Case(52)]
    public void StopsAtTheLimitAndGoesOnWhenAConnectionHasClosed()
    {
        Acceptor acceptor = Accept(most: 2);
        Connect(4);
        _loop.Turn(0);
        AssertIs(acceptor, open: 2, paused: true);
        acceptor.TryResume(0);
        _loop.Turn(0);
        AssertIs(acceptor, open: 2, paused: true);
        for (int i = 0; i < 2; i++)
        {
            Close(1);
            acceptor.TryResume(0);
            AssertIs(acceptor, open: 1, paused: false);
            _loop.Turn(0);
            AssertIs(acceptor, open: 2, paused: true);
        }
        Close(2);
        acceptor.TryResume(0);
        _loop.Turn(0);
        AssertIs(acceptor, open: 0, paused: false);
        Assert.True(_log.IsSilent);
    }

    [Fact]
    [Case(52)]
    public void ConnectionsThatMustWaitDoNotKeepTheLoopBusy()
    {
        Acceptor acceptor = Accept(most: 1);
        Connect(3);
        _loop.Turn(0);
        AssertIs(acceptor, open: 1, paused: true);
        long before = Environment.TickCount64;
        _loop.Turn(30);
        Assert.True(Environment.TickCount64 - before >= 20);
    }

    [Fact]
    public void AFloodIsAcceptedOverSeveralTurnsSoThatOthersAreServedInBetween()
    {
        Acceptor acceptor = Accept(most: 1000);
        Connect(150);
        _loop.Turn(0);
        Assert.InRange(_connections.Count, 1, 149);
        for (int i = 0; i < 150 && _connections.Count < 150; i++)
            _loop.Turn(0);
        AssertIs(acceptor, open: 150, paused: false);
    }

    [Fact]
    public void AFrontThatHasGoneBeforeItWasAcceptedTakesNobodysPlace()
    {
        Acceptor acceptor = Accept(most: 10);
        Connect(3);
        _fronts[1].Dispose();
        _loop.Turn(0);
        AssertIs(acceptor, open: 3, paused: false);
        Assert.Equal([false, true, false], _open.Select(connection => connection.Transport.PeerHasGone()));
        Assert.True(_log.IsSilent);
    }

    [Fact]
    [Case(116)]
    public void StoppedItAcceptsWhoWaitedAsPlacesBecomeFreeAndNobodyElse()
    {
        Acceptor acceptor = Accept(most: 2);
        Connect(1);
        _loop.Turn(0);
        Connect(3);
        acceptor.Stop(keepQueue: false);
        Assert.Empty(Directory.GetFiles(_folder));
        Assert.Throws<SocketException>(() => Connect(1));
        AssertIs(acceptor, open: 2, paused: true);
        Assert.Null(acceptor.PauseMilliseconds);
        Close(2);
        Assert.Equal(0, acceptor.PauseMilliseconds);
        acceptor.TryResume(0);
        AssertIs(acceptor, open: 2, paused: true);
        Assert.False(acceptor.IsClosed);
        Close(1);
        acceptor.TryResume(0);
        Assert.True(acceptor.IsClosed);
        Assert.Equal((4, 1), (_dispatcher.Counters.Accepted, _connections.Count));
    }

    [Fact]
    [Case(116)]
    public void AStopWithAFloodInTheQueueTakesItInTurns()
    {
        Acceptor acceptor = Accept(most: 1000);
        Connect(150);
        acceptor.Stop(keepQueue: false);
        Assert.InRange(_connections.Count, 1, 149);
        for (int i = 0; i < 150 && acceptor.PauseMilliseconds == 0; i++)
            acceptor.TryResume(0);
        Assert.True(acceptor.IsClosed);
        Assert.Equal(150, _connections.Count);
    }

    [Fact]
    [Case(116)]
    public void WhoWaitsStillWhenItIsClosedIsTurnedAway()
    {
        Acceptor acceptor = Accept(most: 1);
        Connect(2);
        acceptor.Stop(keepQueue: false);
        acceptor.Close();
        _fronts[1].ReceiveTimeout = (int)Front.Deadline.TotalMilliseconds;
        var e = Assert.Throws<SocketException>(() => _fronts[1].Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        acceptor.TryResume(0);
        Assert.Equal(1, _connections.Count);
    }

    /// <summary>accept(2): what is an error of the connection it would have returned, and not of the socket.</summary>
    [Theory]
    [Case(114)]
    [InlineData(LibC.Interrupted)]
    [InlineData(LibC.ConnectionAborted)]
    [InlineData(LibC.ProtocolError)]
    [InlineData(LibC.NoNetwork)]
    [InlineData(LibC.NetworkDown)]
    [InlineData(LibC.NetworkUnreachable)]
    [InlineData(LibC.HostDown)]
    [InlineData(LibC.HostUnreachable)]
    public void AnErrorOfOneConnectionCostsNoOther(int error)
    {
        Acceptor acceptor = new FailingAcceptor(this, error);
        Connect(2);
        _loop.Turn(0);
        AssertIs(acceptor, open: 2, paused: false);
        Assert.True(_log.IsSilent);
    }

    [Theory]
    [Case(114)]
    [InlineData(-12, "Cannot allocate memory")] // ENOMEM
    [InlineData(-24, "Too many open files")] // EMFILE
    public void WithoutDescriptorsOrMemoryItWaitsAndAcceptsThen(int error, string said)
    {
        Acceptor acceptor = new FailingAcceptor(this, error);
        Connect(2);
        _loop.Turn(0);
        AssertIs(acceptor, open: 0, paused: true);
        AssertGoesOn(acceptor, open: 2, said);
    }

    [Fact]
    [Case(114)]
    public void ALoopThatCannotWatchTheSocketNowIsAskedAgain()
    {
        Acceptor acceptor = Accept(most: 1);
        Connect(2);
        _loop.Turn(0);
        int spare = LibC.KeepAs(_listen.Descriptor, 1000);
        using (SafeFileHandle file = File.OpenHandle(typeof(AcceptorTests).Assembly.Location))
            LibC.KeepAs((int)file.DangerousGetHandle(), _listen.Descriptor); // epoll_ctl(2) fails, as it does without memory
        Close(1);
        acceptor.TryResume(0);
        AssertIs(acceptor, open: 0, paused: true);
        LibC.KeepAs(spare, _listen.Descriptor);
        LibC.CloseDescriptor(spare);
        AssertGoesOn(acceptor, open: 1, "epoll failed: Operation not permitted");
    }

    [Fact]
    [Case(120)]
    public void StoppedForASuccessorItLeavesTheQueueAsItIs()
    {
        Acceptor acceptor = Accept(most: 10);
        Connect(1);
        _loop.Turn(0);
        Connect(1);
        acceptor.Stop(keepQueue: true);
        _loop.Turn(0);
        Assert.Equal(1, _connections.Count);
        Connect(1); // who comes now waits too
        _loop.Add(_listen.Descriptor, acceptor, Readiness.Input);
        _loop.Turn(0);
        Assert.Equal(3, _connections.Count);
    }

    private Acceptor Accept(int most) =>
        new(_loop, _listen, _connections, most, descriptor => _open.Add(_connections.Open(descriptor)), _dispatcher);

    private void AssertGoesOn(Acceptor acceptor, int open, string said)
    {
        Assert.InRange(acceptor.PauseMilliseconds ?? 0, 1, 1000);
        Assert.Equal($"accept failed: {said}; trying again until it succeeds", _log.Only(ServerLogLevel.Warning));
        acceptor.TryResume(long.MaxValue);
        _loop.Turn(0);
        Assert.Equal(open, _connections.Count);
    }

    private void AssertIs(Acceptor acceptor, int open, bool paused) =>
        Assert.Equal((open, paused), (_connections.Count, acceptor.IsPaused));

    private void Close(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _connections.Close(_open[0]);
            _open.RemoveAt(0);
        }
    }

    private void Connect(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _fronts.Add(front);
            front.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        }
    }

    /// <summary>accept(2) fails once.</summary>
    private sealed class FailingAcceptor(AcceptorTests tests, int error)
        : Acceptor(tests._loop, tests._listen, tests._connections, 10, descriptor => tests._open.Add(tests._connections.Open(descriptor)), tests._dispatcher)
    {
        private int _error = error;

        protected override int Accept() => _error == 0 ? base.Accept() : System.Threading.Interlocked.Exchange(ref _error, 0);
    }
}
