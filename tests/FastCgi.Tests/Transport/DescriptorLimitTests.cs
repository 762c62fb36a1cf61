using System;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>How many descriptors there may be, and case 114: none is left for accept(2). The limit is the process's: no other test may run.</summary>
[Collection(nameof(AloneCollection))]
public sealed partial class DescriptorLimitTests : IDisposable
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE
    private const int StandardStreams = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("fcgi").FullName;
    private readonly MemoryLog _log = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Case(114)]
    public void TheServerServesOnWithoutDescriptorsAndAcceptsWhenThereAreSomeAgain()
    {
        using var server = new FastCgiServer(new Site(Site.SayPath), new ServerLimits(), _log);
        ListenSocket listen = ListenSocket.BindUnix(Path.Combine(_folder, "s"), UnixFileMode.UserWrite, 16);
        var thread = new Thread(() => server.Run(listen)) { IsBackground = true };
        thread.Start();
        using Socket kept = NewFront(), waiting = NewFront();
        Connect(kept);
        Ask(kept, "/before"); // also loads whatever asking needs, which may be files
        WithoutFreeDescriptors(() => { });
        _ = LibC.Describe(LibC.NotFound);

        WithoutFreeDescriptors(() =>
        {
            Connect(waiting);
            Assert.True(SpinWait.SpinUntil(() => !_log.IsSilent, Front.Deadline));
            Ask(kept, "/meanwhile");
        });
        Ask(waiting, "/after");
        Assert.Contains("accept failed", _log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);

        server.Stop();
        Assert.True(thread.Join(Front.Deadline));
    }

    [Fact]
    public void TheLimitIsRaisedToWhatIsNeededAndNoFurther()
    {
        Assert.Equal(0, GetLimit(OpenFiles, out Limit usual));
        try
        {
            Assert.Equal(0, SetLimit(OpenFiles, usual with { Soft = usual.Hard / 2 }));
            int half = (int)(usual.Hard / 2);
            Assert.Equal(half, DescriptorLimit.Raise(half - 10));
            Assert.Equal(half + 10, DescriptorLimit.Raise(half + 10));
            Assert.Equal(0, GetLimit(OpenFiles, out Limit raised));
            Assert.Equal(usual with { Soft = (nuint)half + 10 }, raised);
            Assert.Equal((long)usual.Hard, DescriptorLimit.Raise(int.MaxValue));
        }
        finally
        {
            Assert.Equal(0, SetLimit(OpenFiles, usual));
        }
    }

    /// <summary>With a limit that the standard streams use up no descriptor can be opened; those that are open work on.</summary>
    private static void WithoutFreeDescriptors(Action action)
    {
        Assert.Equal(0, GetLimit(OpenFiles, out Limit usual));
        Assert.Equal(0, SetLimit(OpenFiles, usual with { Soft = StandardStreams }));
        try
        {
            action();
        }
        finally
        {
            Assert.Equal(0, SetLimit(OpenFiles, usual));
        }
    }

    private static void Ask(Socket front, string path)
    {
        front.Send(Wire.Get(path));
        var transcript = new Transcript();
        byte[] buffer = new byte[4096];
        while (transcript.Ended.Count == 0)
        {
            int received = front.Receive(buffer);
            Assert.True(received > 0);
            transcript.Feed(buffer.AsMemory(0, received));
        }
        Assert.Equal(path, transcript.Ended.Single().Text);
    }

    private static Socket NewFront() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
    {
        ReceiveTimeout = (int)Front.Deadline.TotalMilliseconds,
    };

    private void Connect(Socket front) => front.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(nuint Soft, nuint Hard);
}
