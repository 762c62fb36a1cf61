using System;
using System.IO;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public sealed class KernelFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(300_000)]
    [InlineData(KernelFile.MaxLength)]
    public void TheWholeFileIsRead(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(_path, content);
        using KernelFile file = KernelFile.Read(_path);
        Assert.Null(file.Error);
        Assert.True(file.Text.SequenceEqual(content));
    }

    [Fact]
    public void AFileOverTheLimitIsRefusedNotCut()
    {
        File.WriteAllBytes(_path, new byte[KernelFile.MaxLength + 1]);
        using KernelFile file = KernelFile.Read(_path);
        Assert.Equal(_path + ": longer than 1 MiB", file.Error);
        Assert.True(file.Text.IsEmpty);
    }

    [Fact]
    public void AMissingFileIsAnErrorThatNamesIt()
    {
        using KernelFile file = KernelFile.Read(_path + ".missing");
        Assert.Equal(_path + ".missing: No such file or directory", file.Error);
        Assert.True(file.Text.IsEmpty);
    }

    [Fact]
    public void AFolderIsAnErrorNotAnException()
    {
        string folder = Path.GetTempPath();
        using KernelFile file = KernelFile.Read(folder);
        Assert.Equal(folder + ": Permission denied", file.Error);
    }

    [Fact]
    public void AFileThatReportsLengthZeroIsReadToItsEnd()
    {
        using KernelFile file = KernelFile.Read(new StatusRoots().InProc("self/status"));
        Assert.Null(file.Error);
        Assert.True(file.Text.StartsWith("Name:"u8));
        Assert.Equal((byte)'\n', file.Text[^1]);
    }

    [Theory]
    [InlineData("/", "/mnt/x", "/mnt/x")]
    [InlineData("/fixture", "/mnt/x", "/fixture/mnt/x")]
    [InlineData("/fixture/", "etc/os-release", "/fixture/etc/os-release")]
    [InlineData("/", "/", "/")]
    public void PathsStayBelowTheirRoot(string root, string path, string expected) =>
        Assert.Equal(expected, new StatusRoots(Root: root).InRoot(path));
}
