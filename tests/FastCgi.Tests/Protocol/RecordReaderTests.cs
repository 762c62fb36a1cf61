using System;
using System.Collections.Generic;
using System.Linq;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Protocol;

public class RecordReaderTests
{
    /// <summary>Records of every kind, whole ones and streams, with and without padding.</summary>
    private static readonly byte[] Conversation = new Wire { Padding = 3 }
        .Begin(1)
        .Record(4, 1, Wire.Pairs(("A", "1"), ("B", "")), 0)
        .Record(4, 1, [], 8)
        .Record(5, 1, "body"u8, 255)
        .Record(9, 0, Wire.Pairs(("FCGI_MAX_CONNS", "")), 1)
        .Record(2, 1, [], 7)
        .Record(0x6F, 0, "??"u8, 2)
        .Record(5, 1, [], 0);

    private static readonly List<string> Expected =
    [
        "BeginRequest 1 [0001010000000000]",
        "Params 1 [01014131010042]",
        "Params 1 []",
        "Stdin 1 [626F6479]",
        $"GetValues 0 [0E00{Convert.ToHexString("FCGI_MAX_CONNS"u8)}]",
        "AbortRequest 1 []",
        "111 0 [3F3F]",
        "Stdin 1 []",
    ];

    [Fact]
    public void CutsAStreamIntoItsRecords() => Assert.Equal(Expected, Arrival.RecordsOf(Conversation));

    [Fact]
    [Case(1, 2, 3)]
    public void EverySplitInTwoArrivalsGivesTheSameRecords()
    {
        for (int at = 0; at <= Conversation.Length; at++)
            Assert.Equal(Expected, Arrival.RecordsOf(Conversation, at));
    }

    [Fact]
    [Case(1, 2, 3)]
    public void EverySplitInThreeSegmentsGivesTheSameRecords()
    {
        for (int first = 0; first <= Conversation.Length; first += 3)
        {
            for (int second = first; second <= Conversation.Length; second += 2)
                Assert.Equal(Expected, Arrival.RecordsOfSegments(Conversation, first, second));
        }
    }

    [Fact]
    [Case(1, 2)]
    public void ByteByByteGivesTheSameRecords()
    {
        int[] everywhere = [.. Enumerable.Range(1, Conversation.Length - 1)];
        Assert.Equal(Expected, Arrival.RecordsOf(Conversation, everywhere));
        Assert.Equal(Expected, Arrival.RecordsOfSegments(Conversation, everywhere));
    }

    [Fact]
    [Case(1)]
    public void IncompleteHeaderConsumesNothing()
    {
        var arrival = new Arrival();
        for (int i = 0; i < RecordHeader.Length - 1; i++)
        {
            arrival.Add([Conversation[i]]);
            Assert.Equal(i + 1, arrival.Left);
            Assert.False(arrival.AtRecordBoundary);
        }
        Assert.Equal(0, arrival.Pieces);
    }

    [Fact]
    public void StructuresComeWholeAndConsumeNothingBefore()
    {
        byte[] begin = new Wire().Begin(1);
        var arrival = new Arrival();
        arrival.Add(begin[..15]);
        Assert.Equal((0, 15), (arrival.Pieces, arrival.Left));
        arrival.Add(begin[15..]);
        Assert.Equal((1, 0), (arrival.Pieces, arrival.Left));
    }

    [Fact]
    [Case(2)]
    public void StreamsComeInPiecesAsTheyArriveAndHoldNothingBack()
    {
        byte[] stdin = new Wire().Stdin(1, "abcdef");
        var arrival = new Arrival();
        arrival.Add(stdin[..10]);
        Assert.Equal((1, 0), (arrival.Pieces, arrival.Left));
        Assert.Empty(arrival.Records);
        arrival.Add(stdin[10..]);
        Assert.Equal(["Stdin 1 [616263646566]"], arrival.Records);
        Assert.Equal(2, arrival.Pieces);
    }

    [Theory]
    [Case(4)]
    [InlineData(RecordType.Stdin)]
    [InlineData(RecordType.GetValues)]
    public void TheLargestRecordIsRead(RecordType type)
    {
        byte[] content = new byte[65535];
        new Random(1).NextBytes(content);
        byte[] record = new Wire().Record((byte)type, 7, content, 255);
        Assert.Equal(65798, record.Length);
        Assert.Equal([$"{type} 7 [{Convert.ToHexString(content)}]"], Arrival.RecordsOf(record, 8, 4096, 65543, 65544));
    }

    [Fact]
    [Case(3)]
    public void ARecordIsOverBeforeItsPaddingHasCome()
    {
        byte[] end = new Wire { Padding = 8 }.EndStdin(1);
        var arrival = new Arrival();
        arrival.Add(end[..8]);
        Assert.Equal(["Stdin 1 []"], arrival.Records);
        Assert.False(arrival.AtRecordBoundary);
        arrival.Add(end[8..15]);
        Assert.False(arrival.AtRecordBoundary);
        arrival.Add(end[15..]);
        Assert.True(arrival.AtRecordBoundary);
    }

    [Fact]
    [Case(5)]
    public void AWrongVersionIsAnErrorEvenBehindGoodRecords()
    {
        var arrival = new Arrival();
        byte[] bytes = [.. (byte[])new Wire().EndStdin(1), .. "GET / HT"u8];
        arrival.Add(bytes[..15]);
        Assert.Single(arrival.Records);
        Assert.Throws<FastCgiProtocolException>(() => arrival.Add(bytes[15..]));
    }

    [Fact]
    public void ReadingCostsNoAllocation()
    {
        var input = new System.Buffers.ReadOnlySequence<byte>(Conversation);
        Count(input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int records = Count(input);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(Expected.Count, records);

        static int Count(System.Buffers.ReadOnlySequence<byte> input)
        {
            var reader = new RecordReader();
            int count = 0;
            while (reader.TryRead(ref input, out _))
                count++;
            return count;
        }
    }
}
