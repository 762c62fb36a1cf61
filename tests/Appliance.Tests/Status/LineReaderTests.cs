using System;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class LineReaderTests
{
    [Fact]
    public void LinesComeWithoutTheirNewlineAndAreCounted()
    {
        LineReader lines = new("one\n\nthree\n"u8);
        Assert.True(lines.TryRead(out ReadOnlySpan<byte> line));
        Assert.True(line.SequenceEqual("one"u8));
        Assert.True(lines.TryRead(out line));
        Assert.True(line.IsEmpty);
        Assert.True(lines.TryRead(out line));
        Assert.True(line.SequenceEqual("three"u8));
        Assert.Equal(3, lines.LineNumber);
        Assert.False(lines.TryRead(out _));
        Assert.False(lines.IsCut);
    }

    [Fact]
    public void ALineWithoutNewlineIsNotALine()
    {
        LineReader lines = new("MemTotal: 24"u8);
        Assert.False(lines.TryRead(out _));
        Assert.True(lines.IsCut);
    }
}
