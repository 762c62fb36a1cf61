using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
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
    public void StoppedItAcceptsWhoWaitedAsFarAsThereIsRoomAndTurnsAwayTheOthers()
    {
        Acceptor acceptor = Accept(most: 2);
        Connect(1);
        _loop.Turn(0);
        Connect(1);
        Connect(1);
        acceptor.Stop(keepQueue: false);
        _loop.Turn(0);
        Assert.Equal(2, _connections.Count);
        _fronts[2].ReceiveTimeout = (int)Front.Deadline.TotalMilliseconds;
        Assert.Throws<SocketException>(() => Connect(1));
        var e = Assert.Throws<SocketException>(() => _fronts[2].Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        Assert.Empty(Directory.GetFiles(_folder));
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
}
