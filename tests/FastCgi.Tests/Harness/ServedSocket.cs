using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace FastCgi.Tests.Harness;

/// <summary>A real Unix socket in a folder of its own, for servers to run on and fronts to connect to.</summary>
internal sealed class ServedSocket : IDisposable
{
    private readonly List<Socket> _fronts = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("fcgi").FullName;

    /// <summary>What its servers say.</summary>
    public MemoryLog Log { get; } = new();

    public void Dispose()
    {
        CloseFronts();
        Directory.Delete(Folder, recursive: true);
    }

    public void CloseFronts() => _fronts.ForEach(front => front.Dispose());

    public (FastCgiServer Server, Task<bool> Running) Start(Handling handle, ServerLimits? limits = null, bool mayBlock = false) =>
        Start(new Site(handle, mayBlock), limits);

    public (FastCgiServer Server, Task<bool> Running) Start(IRequestRouter router, ServerLimits? limits)
    {
        ListenSocket listen = ListenSocket.BindUnix(Path.Combine(Folder, "s"), UnixFileMode.UserRead | UnixFileMode.UserWrite, 64);
        var server = new FastCgiServer(router, limits ?? new ServerLimits(), Log);
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

    public static async Task StopAsync(FastCgiServer server, Task running)
    {
        server.Stop();
        await running.WaitAsync(Front.Deadline);
        server.Dispose();
    }

    public Socket Connect()
    {
        var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        lock (_fronts)
            _fronts.Add(front);
        front.Connect(new UnixDomainSocketEndPoint(Path.Combine(Folder, "s")));
        return front;
    }

    /// <summary>Sends, and reads until so many requests have ended or the server has closed.</summary>
    public static async Task<IReadOnlyList<Reply>> AskAsync(Socket front, byte[] request, int replies = 1)
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
}
