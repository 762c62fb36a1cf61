using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public sealed class ListReaderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void LinesAreWholeWhereverABlockEnds()
    {
        Random random = new(1);
        List<string> expected = [];
        for (int i = 0; i < 20_000; i++)
            expected.Add(new string((char)('a' + (i % 26)), random.Next(200)));
        File.WriteAllText(_path, string.Join('\n', expected) + "\n");
        using ListReader lines = ListReader.Open(_path);
        foreach (string line in expected)
        {
            Assert.True(lines.TryRead(out ReadOnlySpan<byte> read));
            Assert.Equal(line, Encoding.ASCII.GetString(read));
        }
        Assert.False(lines.TryRead(out _));
        Assert.Null(lines.Fault);
        Assert.Equal(expected.Count, lines.LineNumber);
    }

    [Fact]
    public void ATextThatStopsInMidLineIsCut()
    {
        File.WriteAllText(_path, "one\ntw");
        using ListReader lines = ListReader.Open(_path);
        Assert.True(lines.TryRead(out _));
        Assert.False(lines.TryRead(out _));
        Assert.Equal("cut in mid-line", lines.Fault);
        Assert.Equal(0, lines.Error);
    }

    [Fact]
    public void AnEmptyFileHasNoLinesAndNoFault()
    {
        using ListReader lines = ListReader.Open(_path);
        Assert.False(lines.TryRead(out _));
        Assert.Null(lines.Fault);
    }

    [Fact]
    public void AFileWithoutLinesEnds()
    {
        using ListReader lines = ListReader.Open("/dev/zero");
        Assert.False(lines.TryRead(out _));
        Assert.StartsWith("longer than 64 MiB", lines.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void MoreThanTheGreatestLengthIsNotRead()
    {
        byte[] block = new byte[1 << 20];
        Array.Fill(block, (byte)'\n');
        using (FileStream file = File.OpenWrite(_path))
        {
            for (int i = 0; i < 65; i++)
                file.Write(block);
        }
        using ListReader lines = ListReader.Open(_path);
        while (lines.TryRead(out _))
        {
        }
        Assert.InRange(lines.LineNumber, 64 << 20, (64 << 20) + (1 << 16));
        Assert.StartsWith("longer than 64 MiB", lines.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsMissingAndAFolderUnreadable()
    {
        using ListReader missing = ListReader.Open(_path + ".missing");
        Assert.True(missing.IsMissing);
        Assert.Equal("No such file or directory", missing.Fault);
        using ListReader folder = ListReader.Open(Path.GetTempPath());
        Assert.False(folder.IsMissing);
        Assert.Equal("Is a directory", folder.Fault);
        Assert.False(folder.TryRead(out _));
    }
}
