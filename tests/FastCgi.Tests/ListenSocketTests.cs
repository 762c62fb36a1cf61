using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests;

/// <summary>Case 122: a Unix socket of our own, and what may already be at its path.</summary>
public sealed class ListenSocketTests : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("fcgi").FullName;
    private readonly string _path;

    public ListenSocketTests() => _path = Path.Combine(_folder, "socket");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Case(122)]
    public void IsBoundWithItsModeAndRemovedAtTheEnd()
    {
        using (ListenSocket listen = Bind())
        {
            Assert.Equal(Mode, File.GetUnixFileMode(_path));
            Assert.Equal($"unix:{_path}", listen.Description);
            using Socket front = Connect();
            Assert.True(front.Connected);
        }
        Assert.False(File.Exists(_path));
    }

    [Fact]
    [Case(122)]
    public void NobodyConnectsBeforeTheModeIsSet()
    {
        // Whoever gets through must find the mode in place: tried all the time while sockets are bound.
        using var stop = new System.Threading.CancellationTokenSource();
        List<UnixFileMode> found = [];
        var prober = new System.Threading.Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    front.Connect(new UnixDomainSocketEndPoint(_path));
                    found.Add(File.GetUnixFileMode(_path));
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                }
            }
        });
        prober.Start();
        for (int i = 0; i < 300; i++)
            Bind().Dispose();
        stop.Cancel();
        prober.Join();
        Assert.All(found, mode => Assert.Equal(Mode, mode));
    }

    [Fact]
    [Case(122)]
    public void AStaleSocketIsReplaced()
    {
        LeaveStaleSocket();
        using ListenSocket listen = Bind();
        using Socket front = Connect();
        Assert.True(front.Connected);
    }

    [Fact]
    [Case(122)]
    public void ALiveSocketIsLeftAlone()
    {
        using ListenSocket live = Bind();
        var e = Assert.Throws<IOException>(Bind);
        Assert.Contains(_path, e.Message, StringComparison.Ordinal);
        Assert.Contains("another program", e.Message, StringComparison.Ordinal);
        using Socket front = Connect();
        Assert.True(front.Connected);
    }

    [Fact]
    [Case(122)]
    public async Task ALiveSocketWhoseBacklogIsFullIsLeftAloneWithoutWaitingForIt()
    {
        using var live = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        live.Bind(new UnixDomainSocketEndPoint(_path));
        live.Listen(1);
        List<Socket> waiting = [];
        try
        {
            while (true)
            {
                var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
                waiting.Add(front);
                front.Connect(new UnixDomainSocketEndPoint(_path));
            }
        }
        catch (SocketException)
        {
            // The backlog is full.
        }
        await Assert.ThrowsAsync<IOException>(() => Task.Run(Bind).WaitAsync(Front.Deadline));
        Assert.True(File.Exists(_path));
        waiting.ForEach(front => front.Dispose());
    }

    [Fact]
    [Case(122)]
    public void AFileIsRefusedAndKept()
    {
        File.WriteAllText(_path, "precious");
        Assert.Contains(_path, Assert.Throws<IOException>(Bind).Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(_path));
    }

    [Fact]
    [Case(122)]
    public void AFolderIsRefusedAndKept()
    {
        Directory.CreateDirectory(_path);
        Assert.Contains(_path, Assert.Throws<IOException>(Bind).Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(108)]
    [InlineData(300)]
    public void APathNoSocketCanHaveIsRefused(int length)
    {
        string path = new('p', length);
        Assert.Contains("107 bytes", Assert.Throws<IOException>(() => ListenSocket.BindUnix(path, Mode, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderThatIsNotThereIsNamed()
    {
        string path = Path.Combine(_folder, "no", "socket");
        Assert.Contains(path, Assert.Throws<IOException>(() => ListenSocket.BindUnix(path, Mode, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DisposedAgainItLeavesTheSocketOfItsSuccessor()
    {
        ListenSocket listen = Bind();
        listen.Dispose();
        using ListenSocket successor = Bind();
        listen.Dispose();
        using Socket front = Connect();
        Assert.True(front.Connected);
    }

    [Fact]
    public void DisposingIsQuietWhenTheFolderHasGone()
    {
        ListenSocket listen = Bind();
        Directory.Delete(_folder, recursive: true);
        listen.Dispose();
        Directory.CreateDirectory(_folder);
    }

    private ListenSocket Bind() => ListenSocket.BindUnix(_path, Mode, 16);

    private Socket Connect()
    {
        var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        front.Connect(new UnixDomainSocketEndPoint(_path));
        return front;
    }

    private void LeaveStaleSocket()
    {
        // Moved while it is bound, so that closing it does not remove it.
        string elsewhere = Path.Combine(_folder, "elsewhere");
        using (var gone = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            gone.Bind(new UnixDomainSocketEndPoint(elsewhere));
            gone.Listen(1);
            File.Move(elsewhere, _path);
        }
        Assert.True(File.Exists(_path));
    }
}
