using System;
using FastCgi.Protocol;
using Xunit;

namespace FastCgi.Tests.Protocol;

public class NameValueWriterTests
{
    [Theory]
    [Case(12)]
    [InlineData(0, 0, new byte[] { 0, 0 })]
    [InlineData(127, 127, new byte[] { 127, 127 })]
    [InlineData(127, 128, new byte[] { 127, 0x80, 0, 0, 0x80 })]
    [InlineData(128, 127, new byte[] { 0x80, 0, 0, 0x80, 127 })]
    [InlineData(128, 70000, new byte[] { 0x80, 0, 0, 0x80, 0x80, 0x01, 0x11, 0x70 })]
    public void WritesTheShortestFormOfEachLength(int nameLength, int valueLength, byte[] lengths)
    {
        byte[] name = new byte[nameLength], value = new byte[valueLength];
        Array.Fill(name, (byte)'n');
        Array.Fill(value, (byte)'v');
        byte[] destination = new byte[NameValueWriter.LengthOf(name, value)];
        var writer = new NameValueWriter(destination);

        Assert.True(writer.TryWrite(name, value));
        Assert.Equal(destination.Length, writer.Written);
        Assert.Equal([.. lengths, .. name, .. value], destination);
    }

    [Fact]
    public void APairThatDoesNotFitWritesNothing()
    {
        byte[] destination = new byte[20];
        var writer = new NameValueWriter(destination);
        Assert.True(writer.TryWrite("NAME"u8, "value"u8));
        Assert.Equal(11, writer.Written);

        Assert.False(writer.TryWrite("NAME"u8, "valu"u8));
        Assert.Equal(11, writer.Written);
        Assert.Equal(new byte[9], destination[11..]);
        Assert.True(writer.TryWrite("NAME"u8, "val"u8));
        Assert.Equal(20, writer.Written);
    }

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        var random = new Random(7);
        byte[] destination = new byte[200_000];
        var writer = new NameValueWriter(destination);
        byte[][] written = new byte[60][];
        for (int i = 0; i < written.Length; i++)
        {
            written[i] = new byte[random.Next(4) == 0 ? random.Next(5000) : random.Next(140)];
            random.NextBytes(written[i]);
        }
        for (int i = 0; i < written.Length; i += 2)
            Assert.True(writer.TryWrite(written[i], written[i + 1]));

        var reader = new NameValueReader(destination.AsSpan(0, writer.Written));
        for (int i = 0; i < written.Length; i += 2)
        {
            Assert.True(reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value));
            Assert.Equal(written[i], name);
            Assert.Equal(written[i + 1], value);
        }
        Assert.True(reader.AtEnd);
    }
}
