using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public sealed class FilesystemProbeTests : IDisposable
{
    // Long where mounts must answer in time, short where they hang for certain.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ManualResetEventSlim _serverIsBack = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ConcurrentDictionary<int, bool> _threads = new();

    public void Dispose() => _serverIsBack.Set();

    [Fact]
    public void HealthyMountsAreAllAskedOnOneThread()
    {
        FilesystemProbe probe = Probe(Long);
        List<Mount> mounts = Mounts("/a", "/b", "/c");
        for (int round = 0; round < 100; round++)
            Assert.All(probe.Ask(mounts), size => Assert.Equal(10, size.SizeBytes));
        Assert.Equal(300, _asked.Count);
        Assert.Single(_threads);
    }

    [Fact]
    public void AMountThatCannotHangIsAskedOnTheCallersThread()
    {
        List<Mount> mounts = Mounts("/a", "/b", "/hang", "/c");
        mounts[1].AnswersAtOnce = mounts[3].AnswersAtOnce = true;
        int[] askedOn = new int[128];
        FilesystemSize On(string path)
        {
            askedOn[path[^1]] = Environment.CurrentManagedThreadId;
            return path == "/c" ? throw new OverflowException() : Answer(path);
        }
        FilesystemSize[] sizes = new FilesystemProbe(new StatusRoots(), On, Long, Longest).Ask(mounts);
        Assert.Equal(["", "", FilesystemProbe.TimeoutError, "Value too large for defined data type"], Array.ConvertAll(sizes, size => size.Error ?? ""));
        Assert.Equal(Environment.CurrentManagedThreadId, askedOn['b']);
        Assert.Equal(Environment.CurrentManagedThreadId, askedOn['c']);
        Assert.NotEqual(Environment.CurrentManagedThreadId, askedOn['a']);
    }

    [Fact]
    public void AMountWhoseNumbersDoNotFitIsAnErrorOfItsOwn()
    {
        FilesystemSize Overflowing(string path) => path == "/b" ? throw new OverflowException() : new FilesystemSize(10, 5, 5);
        FilesystemSize[] sizes = new FilesystemProbe(new StatusRoots(), Overflowing, Long, Longest).Ask(Mounts("/a", "/b", "/c"));
        Assert.Equal("Value too large for defined data type", sizes[1].Error);
        Assert.Equal(10, sizes[2].SizeBytes);
    }

    [Fact]
    public void AHangingMountTimesOutAndTheOthersAnswer()
    {
        FilesystemSize[] sizes = Probe(Long).Ask(Mounts("/a", "/hang", "/b"));
        Assert.Null(sizes[0].Error);
        Assert.Equal(FilesystemProbe.TimeoutError, sizes[1].Error);
        Assert.Null(sizes[2].Error);
        Assert.Equal(10, sizes[2].SizeBytes);
    }

    [Fact]
    public void AMountIsNotAskedAgainWhileItHangs()
    {
        FilesystemProbe probe = Probe(Short);
        List<Mount> mounts = Mounts("/hang");
        for (int round = 0; round < 50; round++)
            Assert.Equal(FilesystemProbe.TimeoutError, probe.Ask(mounts)[0].Error);
        Assert.Single(_asked);
    }

    [Fact]
    public void AMountThatComesBackIsAskedAgain()
    {
        FilesystemProbe probe = Probe(Short);
        List<Mount> mounts = Mounts("/hang");
        Assert.Equal(FilesystemProbe.TimeoutError, probe.Ask(mounts)[0].Error);
        _serverIsBack.Set();
        Assert.True(SpinWait.SpinUntil(() => probe.Ask(mounts)[0].Error is null, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void NoMoreThanTheLimitAreLeftHanging()
    {
        FilesystemProbe probe = Probe(Short);
        List<Mount> mounts = Mounts("/hang1", "/hang2", "/hang3", "/hang4", "/hang5", "/a");
        for (int round = 0; round < 10; round++)
        {
            FilesystemSize[] sizes = probe.Ask(mounts);
            Assert.All(sizes[..4], size => Assert.Equal(FilesystemProbe.TimeoutError, size.Error));
            Assert.All(sizes[4..], size => Assert.Equal(FilesystemProbe.NotAskedError, size.Error));
        }
        Assert.Equal(FilesystemProbe.MaxHanging, _asked.Count);
        Assert.Equal(FilesystemProbe.MaxHanging, _threads.Count);
    }

    [Fact]
    public void AnotherMountOnTheSameMountPointIsAsked()
    {
        FilesystemProbe probe = Probe(Short);
        probe.Ask(Mounts("/hang"));
        probe.Ask([new Mount(77, Encoding.UTF8.GetBytes("/hang"), [], [], false)]);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public void AMountPointThatIsNotUtf8IsNotAsked()
    {
        FilesystemSize[] sizes = Probe(Long).Ask([new Mount(1, Text.Bytes("/\u00ff"), [], [], false)]);
        Assert.Equal(FilesystemProbe.NotUtf8Error, sizes[0].Error);
        Assert.Empty(_asked);
    }

    [Fact]
    public void NoMountsNeedNoThread()
    {
        Assert.Empty(Probe(Long).Ask([]));
        Assert.Empty(_threads);
    }

    [Fact]
    public async Task CallersAtTheSameTimeGetTheirOwnAnswers()
    {
        FilesystemProbe probe = new(
            new StatusRoots(), path => new FilesystemSize(path.Length, path.Length, path.Length), Long, Longest);
        Task[] callers = new Task[8];
        for (int i = 0; i < callers.Length; i++)
        {
            string path = "/" + new string('x', i);
            callers[i] = Task.Run(() =>
            {
                for (int round = 0; round < 200; round++)
                {
                    foreach (FilesystemSize size in probe.Ask(Mounts(path, path, path)))
                        Assert.Equal(path.Length, size.SizeBytes);
                }
            });
        }
        await Task.WhenAll(callers);
    }

    [Fact]
    public void TheRootIsPutBeforeTheMountPoint()
    {
        FilesystemProbe probe = new(new StatusRoots(Root: "/host"), Answer, Long, Longest);
        probe.Ask(Mounts("/", "/mnt"));
        Assert.Equal(["/host/", "/host/mnt"], _asked);
    }

    [Fact]
    public void ADeadlineOutOfBoundsIsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(TimeSpan.FromDays(30)));
    }

    [Fact]
    public void TheKernelIsAskedThroughTheBcl()
    {
        FilesystemSize size = FilesystemSize.Ask(Path.GetTempPath());
        Assert.Null(size.Error);
        Assert.InRange(size.FreeBytes, 0, size.SizeBytes);
        Assert.InRange(size.AvailableBytes, 0, size.FreeBytes);
        Assert.Equal("No such file or directory", FilesystemSize.Ask(Path.Combine(Path.GetTempPath(), "missing-mount")).Error);
    }

    private FilesystemProbe Probe(TimeSpan deadline) => new(new StatusRoots(), Answer, deadline, Longest);

    private FilesystemSize Answer(string path)
    {
        _asked.Enqueue(path);
        _threads.TryAdd(Environment.CurrentManagedThreadId, true);
        if (path.StartsWith("/hang", StringComparison.Ordinal))
            _serverIsBack.Wait();
        return new FilesystemSize(10, 5, 4);
    }

    private static List<Mount> Mounts(params string[] mountpoints)
    {
        List<Mount> mounts = [];
        foreach (string mountpoint in mountpoints)
            mounts.Add(new Mount(mounts.Count + 1, Encoding.UTF8.GetBytes(mountpoint), [], [], false));
        return mounts;
    }
}
