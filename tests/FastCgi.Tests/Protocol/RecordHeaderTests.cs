using System;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Protocol;

public class RecordHeaderTests
{
    [Theory]
    [InlineData(RecordType.BeginRequest, 1, 8, 0)]
    [InlineData(RecordType.Params, 0x7FFF, 0xFFFF, 255)]
    [InlineData(RecordType.UnknownType, 0, 0, 8)]
    [InlineData((RecordType)0xFF, 0xFFFF, 0x0100, 1)]
    public void ReadsWhatItWrote(RecordType type, int id, int content, int padding)
    {
        var header = new RecordHeader(type, (ushort)id, (ushort)content, (byte)padding);
        byte[] bytes = new byte[RecordHeader.Length];
        header.Write(bytes);

        Assert.True(RecordHeader.TryRead(bytes, out RecordHeader read));
        Assert.Equal(header, read);
        Assert.Equal((type, id, content, padding), (read.Type, read.RequestId, read.ContentLength, read.PaddingLength));
    }

    [Fact]
    public void StandsOnTheWireAsTheSpecificationSays()
    {
        byte[] bytes = [.. "????????"u8];
        new RecordHeader(RecordType.Stdout, 0x1234, 0x5678, 0x9A).Write(bytes);
        Assert.Equal([1, 6, 0x12, 0x34, 0x56, 0x78, 0x9A, 0], bytes);
    }

    [Fact]
    [Case(1)]
    public void FewerThanEightBytesAreNotYetAHeader()
    {
        byte[] wrongFromTheStart = [9, 9, 9, 9, 9, 9, 9];
        for (int length = 0; length < RecordHeader.Length; length++)
            Assert.False(RecordHeader.TryRead(wrongFromTheStart.AsSpan(0, length), out _));
    }

    [Fact]
    [Case(6)]
    public void ReservedByteIsIgnored()
    {
        Assert.True(RecordHeader.TryRead([1, 5, 0, 1, 0, 2, 3, 0xFF], out RecordHeader header));
        Assert.Equal(new RecordHeader(RecordType.Stdin, 1, 2, 3), header);
    }

    [Theory]
    [Case(5)]
    [InlineData("\0\u0001\0\u0001\0\u0008\0\0", "version 0,", "expected 1")]
    [InlineData("\u0002\u0001\0\u0001\0\u0008\0\0", "version 2,", "expected 1")]
    [InlineData("GET / HTTP/1.1\r\n", "version 71,", "HTTP client")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001", "version 22,", "TLS client")]
    public void OtherVersionsAreRefusedWithTheValueAndAHint(string bytes, string value, string hint)
    {
        var e = Assert.Throws<FastCgiProtocolException>(() => RecordHeader.TryRead(Site.Bytes(bytes), out _));
        Assert.Contains(value, e.Message, StringComparison.Ordinal);
        Assert.Contains(hint, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 7)]
    [InlineData(7, 1)]
    [InlineData(8, 0)]
    [InlineData(65535, 1)]
    public void PaddingAlignsTheNextRecordToEightBytes(int content, int padding) =>
        Assert.Equal(padding, RecordHeader.PaddingFor(content));

    [Fact]
    public void HeadersAreEqualWhenEveryFieldIs()
    {
        var header = new RecordHeader(RecordType.Stdin, 1, 2, 3);
        Assert.True(header == new RecordHeader(RecordType.Stdin, 1, 2, 3));
        Assert.True(header != new RecordHeader(RecordType.Stdout, 1, 2, 3));
        Assert.True(header != new RecordHeader(RecordType.Stdin, 2, 2, 3));
        Assert.True(header != new RecordHeader(RecordType.Stdin, 1, 3, 3));
        Assert.False(header.Equals((object)new RecordHeader(RecordType.Stdin, 1, 2, 4)));
        Assert.Equal("Stdin id=1 content=2 padding=3", header.ToString());
    }
}
