using System;
using System.IO;
using System.Text;
using Appliance.Metrics;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class SourceFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-source-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFileIsReadAnewFromItsStart()
    {
        using SourceFile file = Files().InProc("a");
        Put("a", "first\n");
        Assert.Equal("first\n", Read(file));
        Put("a", "2\n");
        Assert.Equal("2\n", Read(file));
    }

    [Fact]
    public void AFileLongerThanTheBufferIsReadWhole()
    {
        using SourceFile file = Files().InProc("a");
        string text = new('x', 300_000);
        Put("a", text);
        Assert.Equal(text, Read(file));
        Assert.Equal(text, Read(file));
    }

    [Fact]
    public void AFileWithoutAnEndIsUnreadable()
    {
        using SourceFile file = new SourceFiles(new StatusRoots(Proc: "/dev")).InProc("zero");
        Assert.Null(Read(file));
        Assert.False(file.IsMissing);
    }

    [Fact]
    public void AMissingFileIsReadOnceItIsThere()
    {
        using SourceFile file = Files().InSys("a/b");
        Assert.Null(Read(file));
        Assert.True(file.IsMissing);
        Put("a/b", "x");
        Assert.Equal("x", Read(file));
        Assert.False(file.IsMissing);
    }

    [Fact]
    public void AFolderIsUnreadable()
    {
        using SourceFile file = Files().InProc("");
        Assert.Null(Read(file));
        Assert.False(file.IsMissing);
    }

    [Fact]
    public void FilesBelowTheRootAreFoundAgainAfterTheyWereReplaced()
    {
        using SourceFile file = Files().InRoot("etc/a");
        Put("etc/a", "old");
        Assert.Equal("old", Read(file));
        Put("etc/b", "new");
        File.Move(Path.Combine(_folder, "etc/b"), Path.Combine(_folder, "etc/a"), overwrite: true);
        Assert.Equal("new", Read(file));
    }

    [Theory]
    [InlineData("1500\n", 1500)]
    [InlineData("-1\n", -1)]
    [InlineData(" 7", 7)]
    [InlineData("0x1303\n", 4867)]
    public void ANumberIsReadWithoutTheBlanksAroundIt(string text, long number)
    {
        using SourceFile file = Files().InSys("a");
        Put("a", text);
        Assert.True(file.TryReadNumber(out long read));
        Assert.Equal(number, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("up")]
    [InlineData("15 00")]
    [InlineData("0x")]
    [InlineData("0xg")]
    [InlineData("99999999999999999999")]
    [InlineData("1                                                             \n")]
    public void WhatIsNoNumberIsNone(string text)
    {
        using SourceFile file = Files().InSys("a");
        Put("a", text);
        Assert.False(file.TryReadNumber(out _));
    }

    [Fact]
    public void AValueThatMayBeCutIsNone()
    {
        using SourceFile file = Files().InSys("a");
        Put("a", "12345678");
        Assert.False(file.TryReadValue(new byte[8], out _));
        Assert.True(file.TryReadValue(new byte[9], out ReadOnlySpan<byte> value));
        Assert.Equal("12345678", Encoding.UTF8.GetString(value));
    }

    [Fact]
    public void OnlyFilesThatAnnounceTheirChangesAreKnownNotToHaveChanged()
    {
        using SourceFile mounts = new SourceFiles(new StatusRoots()).InProc("self/mountinfo");
        Assert.True(mounts.MayHaveChanged());
        Assert.NotNull(Read(mounts));
        Put("a", "x");
        using SourceFile plain = Files().InProc("a");
        Assert.Equal("x", Read(plain));
        Assert.True(plain.MayHaveChanged());
        // Somebody else on this machine may mount something: it is announced once for each.
        Assert.Contains(new bool[100], _ => !mounts.MayHaveChanged());
    }

    [Fact]
    public void OnlyAsManyFilesAsAllowedStayOpen()
    {
        SourceFiles files = Files(maxOpen: 2);
        SourceFile[] all = [files.InProc("a"), files.InProc("b"), files.InProc("c")];
        foreach (string name in new[] { "a", "b", "c" })
            Put(name, name);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal("a b c", string.Join(' ', Array.ConvertAll(all, Read)));
            Assert.Equal(2, OpenFiles());
        }
        all[0].Dispose();
        Assert.Equal("c", Read(all[2]));
        Assert.Equal("a", Read(all[0]));
        Assert.Equal(2, OpenFiles());
        Array.ForEach(all, file => file.Dispose());
        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public void ClosedFilesCanStillBeReadAndStayOpenNoMore()
    {
        SourceFiles files = Files();
        SourceFile[] all = [files.InProc("a"), files.InSys("b")];
        Put("a", "a");
        Put("b", "b");
        Assert.Equal("a b", string.Join(' ', Array.ConvertAll(all, Read)));
        Assert.Equal(2, OpenFiles());
        files.Close();
        Assert.Equal(0, OpenFiles());
        Assert.Equal("a b", string.Join(' ', Array.ConvertAll(all, Read)));
        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public void ReadingAnOpenFileAllocatesNothing()
    {
        using SourceFile stat = new SourceFiles(new StatusRoots()).InProc("stat");
        Assert.True(stat.TryRead(out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Assert.True(stat.TryRead(out _));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private SourceFiles Files(int maxOpen = 8) => new(new StatusRoots(_folder, _folder, _folder), maxOpen);

    private int OpenFiles()
    {
        int open = 0;
        foreach (string descriptor in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            // One may be closed meanwhile: that of the enumeration itself.
            if (new FileInfo(descriptor).LinkTarget is string target && target.Contains(Path.GetFileName(_folder), StringComparison.Ordinal))
                open++;
        }
        return open;
    }

    private void Put(string path, string text)
    {
        string whole = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
        File.WriteAllText(whole, text);
    }

    private static string? Read(SourceFile file) =>
        file.TryRead(out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : null;
}
