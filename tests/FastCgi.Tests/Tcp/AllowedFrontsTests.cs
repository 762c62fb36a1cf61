using System;
using System.Net;
using System.Net.Sockets;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Tcp;

/// <summary>Case 109: FCGI_WEB_SERVER_ADDRS.</summary>
public class AllowedFrontsTests
{
    private readonly MemoryLog _log = new();

    [Theory]
    [Case(109)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1,192.0.2.2", "192.0.2.2", true)]
    [InlineData("192.0.2.1 , 2001:db8::1", "2001:db8::1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "127.0.0.1", false)]
    [InlineData("2001:DB8:0:0::1", "2001:db8::1", true)]
    public void OnlyWhoIsNamedMayConnect(string list, string front, bool admitted)
    {
        Assert.Equal(admitted, new AllowedFronts(list, new EventLog(_log)).Admits(Address(front)));
        Assert.True(_log.IsSilent);
    }

    [Fact]
    [Case(109)]
    public void WithoutAListOnlyThisDeviceMayConnect()
    {
        var allowed = new AllowedFronts(null, new EventLog(_log));
        Assert.True(allowed.Admits(Address("127.0.0.1")));
        Assert.True(allowed.Admits(Address("::1")));
        Assert.False(allowed.Admits(Address("192.0.2.1")));
        Assert.True(_log.IsSilent);
    }

    [Theory]
    [Case(109)]
    [InlineData("", "\"\"")]
    [InlineData("127.0.0.1,", "\"\"")]
    [InlineData("127.0.0.1,localhost", "\"localhost\"")]
    [InlineData("127.0.0.1;192.0.2.1", "\"127.0.0.1;192.0.2.1\"")]
    [InlineData("127.0.0.0/8", "\"127.0.0.0/8\"")]
    [InlineData("127.0.0.1:80", "\"127.0.0.1:80\"")]
    public void AWrongListAdmitsNobodyAndIsNamed(string list, string named)
    {
        var allowed = new AllowedFronts(list, new EventLog(_log));
        Assert.False(allowed.Admits(Address("127.0.0.1")));
        (ServerLogLevel level, string message) = Assert.Single(_log.Lines);
        Assert.Equal(ServerLogLevel.Error, level);
        Assert.Contains($"FCGI_WEB_SERVER_ADDRS: {named} is no IP address", message, StringComparison.Ordinal);
    }

    [Theory]
    [Case(92, 109)]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::]:0")] // where a front of IPv4 comes as ::ffff:127.0.0.1
    public void AFrontThatIsNamedIsAcceptedAndSentToAtOnce(string address)
    {
        using ListenSocket listen = Listen(address, out int port);
        using Socket front = Connect(port);
        int accepted = Accept(listen, new AllowedFronts("192.0.2.1,127.0.0.1", new EventLog(_log)));
        Assert.InRange(accepted, 3, int.MaxValue);
        using var served = new Socket(new SafeSocketHandle(accepted, ownsHandle: true));
        Assert.True(served.NoDelay);
    }

    [Fact]
    [Case(109)]
    public void AFrontThatIsNotNamedIsClosedBeforeItIsHeardAndCostsALineAMinute()
    {
        using ListenSocket listen = Listen("127.0.0.1:0", out int port);
        var allowed = new AllowedFronts("192.0.2.1", new EventLog(_log));
        for (int i = 0; i < 3; i++)
        {
            using Socket front = Connect(port);
            front.ReceiveTimeout = (int)Front.Deadline.TotalMilliseconds;
            Assert.Equal(LibC.ConnectionAborted, Accept(listen, allowed));
            Assert.Equal(0, front.Receive(new byte[1]));
        }
        Assert.StartsWith("connection from 127.0.0.1 closed", Assert.Single(_log.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APortInUseIsNamedWithTheReason()
    {
        using ListenSocket first = Listen("127.0.0.1:0", out int port);
        Assert.True(TcpAddress.TryParse($"127.0.0.1:{port}", out TcpAddress same));
        var e = Assert.Throws<System.IO.IOException>(() => ListenSocket.BindTcp(same, 1));
        Assert.Contains($"tcp:127.0.0.1:{port}: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APortCanBeBoundAgainWhileOldConnectionsLinger()
    {
        using ListenSocket listen = Listen("127.0.0.1:0", out int port);
        using (Socket front = Connect(port))
        {
            LibC.CloseDescriptor(Accept(listen, new AllowedFronts(null, new EventLog(_log)))); // first to close: TIME_WAIT is on this side
            Assert.Equal(0, front.Receive(new byte[1]));
        }
        listen.Dispose();
        Assert.True(TcpAddress.TryParse($"127.0.0.1:{port}", out TcpAddress same));
        using ListenSocket again = ListenSocket.BindTcp(same, 1);
        Assert.Equal($"tcp:127.0.0.1:{port}", again.Description);
    }

    private static IpAddress Address(string text) =>
        IpAddress.TryParse(text, out IpAddress address) ? address : throw new FormatException(text);

    private static ListenSocket Listen(string text, out int port)
    {
        Assert.True(TcpAddress.TryParse(text, out TcpAddress address));
        ListenSocket listen = ListenSocket.BindTcp(address, 16);
        port = int.Parse(listen.Description[(listen.Description.LastIndexOf(':') + 1)..], null);
        Assert.NotEqual(0, port);
        return listen;
    }

    private static Socket Connect(int port)
    {
        var front = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        front.Connect(IPAddress.Loopback, port);
        return front;
    }

    /// <summary>The connection is in the queue by the time connect(2) has returned.</summary>
    private static int Accept(ListenSocket listen, AllowedFronts allowed) => allowed.Accept(listen.Descriptor);
}
