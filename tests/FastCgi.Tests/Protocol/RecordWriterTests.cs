using System;
using FastCgi.Protocol;
using Xunit;

namespace FastCgi.Tests.Protocol;

public class RecordWriterTests
{
    [Fact]
    [Case(87)]
    public void RecordsArePaddedWithZerosToEightBytes()
    {
        byte[] destination = new byte[64];
        Array.Fill(destination, (byte)0xFF);
        var writer = new RecordWriter(destination);
        writer.WriteRecord(RecordType.Stdout, 0x0102, "Hello"u8);
        writer.WriteRecord(RecordType.Stderr, 3, "12345678"u8);

        Assert.Equal(32, writer.Written);
        Assert.Equal(
            [1, 6, 1, 2, 0, 5, 3, 0, .. "Hello"u8, 0, 0, 0, 1, 7, 0, 3, 0, 8, 0, 0, .. "12345678"u8],
            destination[..32]);
        Assert.All(destination[32..], b => Assert.Equal(0xFF, b));
    }

    [Fact]
    public void EveryRecordOfOursStandsOnTheWireAsTheSpecificationSays()
    {
        byte[] destination = new byte[128];
        var writer = new RecordWriter(destination);
        writer.WriteBeginRequest(1, new BeginRequestBody(Role.Responder, RequestFlags.None));
        writer.WriteAbortRequest(1);
        writer.WriteEndOfStream(RecordType.Stdout, 1);
        writer.WriteEndRequest(1, new EndRequestBody(938, ProtocolStatus.RequestComplete)); // Appendix B, example 3
        writer.WriteUnknownType(new UnknownTypeBody((RecordType)99));

        Assert.Equal(
            [
                1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                1, 2, 0, 1, 0, 0, 0, 0,
                1, 6, 0, 1, 0, 0, 0, 0,
                1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0x03, 0xAA, 0, 0, 0, 0,
                1, 11, 0, 0, 0, 8, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0,
            ],
            destination[..writer.Written]);
    }

    [Fact]
    public void WriteAroundKeepsTheContentThatStandsInPlace()
    {
        byte[] destination = new byte[32];
        Array.Fill(destination, (byte)0xFF);
        "abc"u8.CopyTo(destination.AsSpan(RecordHeader.Length));
        var writer = new RecordWriter(destination);
        writer.WriteAround(RecordType.Stdout, 1, 3);
        Assert.Equal([1, 6, 0, 1, 0, 3, 5, 0, .. "abc"u8, 0, 0, 0, 0, 0], destination[..writer.Written]);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 16)]
    [InlineData(65535, 65544)]
    public void TheLargestContentFits(int content, int onTheWire)
    {
        byte[] destination = new byte[65544];
        var writer = new RecordWriter(destination);
        writer.WriteRecord(RecordType.Stdout, 1, new byte[content]);
        Assert.Equal(onTheWire, writer.Written);
        Assert.Equal(onTheWire, RecordWriter.LengthOf(content));
    }

    [Fact]
    public void TooMuchContentOrTooLittleRoomThrowsAndWritesNothing()
    {
        byte[] destination = new byte[70_000];
        Assert.Throws<OverflowException>(() => new RecordWriter(destination).WriteRecord(RecordType.Stdout, 1, new byte[65536]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecordWriter(destination.AsSpan(0, 15)).WriteRecord(RecordType.Stdout, 1, [1]));
        Assert.Equal(new byte[70_000], destination);
    }
}
