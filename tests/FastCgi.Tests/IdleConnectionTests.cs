using System;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests;

/// <summary>What a connection costs that a front keeps for later: there may be ten thousand of them.</summary>
[Collection(nameof(AloneCollection))]
public sealed class IdleConnectionTests : IDisposable
{
    private const int Connections = 200;
    private const int MostBytes = 2200;

    private readonly string _folder = Directory.CreateTempSubdirectory("fcgi").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnIdleConnectionHoldsNoRequest(bool mayBlock)
    {
        FastCgiRequest? used = null;
        var first = new Front(
            (request, _) =>
            {
                used = request;
                return default;
            },
            mayBlock: mayBlock);

        foreach (Front front in (Front[])[first, first.Beside()])
        {
            Assert.Equal("200 OK", front.Ask(Wire.Get()).Status);
            front.WaitFor(() => front.Dispatcher.Requests.Take() == used, "the request to be given back");
            front.Dispatcher.Requests.Return(used!);
        }
    }

    [Fact]
    public void AnIdleConnectionTakesLittleMemory()
    {
        using ListenSocket listen = ListenSocket.BindUnix(Path.Combine(_folder, "s"), UnixFileMode.UserRead | UnixFileMode.UserWrite, Connections);
        using var loop = new EventLoop();
        var log = new MemoryLog();
        var connections = new ConnectionSet(loop, new RequestDispatcher(new Site(Site.SayPath), new ServerLimits(), log));
        byte[] reply = new byte[1000];
        Socket[] peers = [.. Enumerable.Range(0, Connections).Select(_ => Connect())];
        ServeOne(peers[0]); // what is made once for all

        long before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (Socket peer in peers[1..])
            ServeOne(peer);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (Connections - 1);

        Assert.True(log.IsSilent);
        Assert.InRange(each, long.MinValue, MostBytes); // other tests may have given back more meanwhile
        Array.ForEach(peers, peer => peer.Dispose());
        loop.Turn(0);

        Socket Connect()
        {
            var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            peer.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
            return peer;
        }

        void ServeOne(Socket peer)
        {
            SocketConnection connection = connections.Open(LibC.Accept(listen.Descriptor));
            Task serving = connection.Connection.ServeAsync();
            peer.Send(Wire.Get());
            loop.Turn(0);
            Assert.NotEqual(0, peer.Receive(reply));
            Assert.False(serving.IsCompleted);
        }
    }
}
