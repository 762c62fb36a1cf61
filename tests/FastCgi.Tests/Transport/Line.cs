using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>A transport over an accepted connection, its loop, which the test turns, and the peer at the other end.</summary>
internal sealed class Line : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fcgi").FullName;
    private readonly ListenSocket _listen;
    private readonly byte[] _input = new byte[64 * 1024];

    public Line()
    {
        _listen = ListenSocket.BindUnix(Path.Combine(_folder, "s"), UnixFileMode.UserRead | UnixFileMode.UserWrite, 16);
        Transport = new SocketTransport(Loop);
        Peer = Connect();
    }

    public EventLoop Loop { get; } = new();

    public SocketTransport Transport { get; }

    /// <summary>Blocks, but not for ever.</summary>
    public Socket Peer { get; private set; }

    public void Dispose()
    {
        Transport.Close();
        Peer.Dispose();
        _listen.Dispose();
        Loop.Dispose();
        Directory.Delete(_folder);
    }

    /// <summary>Closes the connection and has the same transport serve another.</summary>
    public void Reconnect()
    {
        Transport.Close();
        Peer.Dispose();
        Peer = Connect();
    }

    /// <summary>Handles what has happened, without waiting for more.</summary>
    public void Turn() => Loop.Turn(0);

    public Task<int> ReceiveAsync(int most = 1000) => Transport.ReceiveAsync(_input.AsMemory(0, most)).AsTask();

    public Task<int> SendAsync(string text) => Transport.SendAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    /// <summary>Says to the transport what the loop says for a descriptor that is ready.</summary>
    public void Signal(Readiness readiness) => ((IReadinessTarget)Transport).OnReady(readiness);

    /// <summary>Registers the connection with the loop, as waiting for input does.</summary>
    public async Task WaitOnceAsync()
    {
        Task<int> receiving = ReceiveAsync();
        Assert.False(receiving.IsCompleted);
        Peer.Send("."u8);
        Turn();
        await AssertReceivedAsync(".", receiving);
    }

    /// <summary>The receive has ended, without waiting, with this text.</summary>
    public async Task AssertReceivedAsync(string expected, Task<int> receiving)
    {
        int received = await AssertEndedAsync(receiving);
        Assert.True(received > 0, $"received {received}");
        Assert.Equal(expected, Encoding.Latin1.GetString(_input, 0, received));
    }

    /// <summary>Sends until the socket takes no more: the send that waits, and how many bytes went before it.</summary>
    public async Task<(Task<int> Sending, int Sent)> FillAsync(byte[] all)
    {
        int sent = 0;
        while (true)
        {
            Task<int> sending = Transport.SendAsync(all.AsMemory(sent)).AsTask();
            if (!sending.IsCompleted)
                return (sending, sent);
            sent += await sending;
        }
    }

    public static async Task<int> AssertEndedAsync(Task<int> operation)
    {
        Assert.True(operation.IsCompleted, "still waiting");
        return await operation;
    }

    /// <summary>Bytes in which every position can be told from its neighbours.</summary>
    public static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private Socket Connect()
    {
        var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Front.Deadline.TotalMilliseconds,
            SendTimeout = (int)Front.Deadline.TotalMilliseconds,
        };
        peer.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        int descriptor = LibC.Accept(_listen.Descriptor);
        Assert.True(descriptor >= 0);
        Transport.Open(descriptor);
        return peer;
    }
}
