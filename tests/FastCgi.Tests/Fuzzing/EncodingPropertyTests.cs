using System;
using System.Collections.Generic;
using System.Linq;
using FastCgi.Protocol;
using FastCgi.Tests.Protocol;
using FsCheck.Fluent;
using Xunit;

namespace FastCgi.Tests.Fuzzing;

/// <summary>What is written is what is read, whatever it is and however it arrives.</summary>
public class EncodingPropertyTests
{
    [Fact]
    [Case(1, 2, 3)]
    public void RecordsWrittenAreTheRecordsReadHoweverTheyArrive() => Properties.Hold(
        Properties.Both(
            Properties.All(Properties.Any<byte>(), Properties.Any<ushort>(), Properties.Bytes(3000)).ListOf(),
            Properties.Any<int[]>()),
        input =>
        {
            byte[] wire = new byte[input.Item1.Sum(record => RecordWriter.LengthOf(record.Item3.Length))];
            var writer = new RecordWriter(wire);
            List<string> expected = [];
            foreach ((byte type, ushort id, byte[] content) in input.Item1)
            {
                writer.WriteRecord((RecordType)type, id, content);
                expected.Add($"{(RecordType)type} {id} [{Convert.ToHexString(content)}]");
            }
            int[] cuts = Properties.Cuts(input.Item2, wire.Length);
            return writer.Written == wire.Length
                && Arrival.RecordsOf(wire, cuts).SequenceEqual(expected)
                && Arrival.RecordsOfSegments(wire, cuts).SequenceEqual(expected);
        });

    [Fact]
    public void AHeaderIsReadAsItWasWritten() => Properties.Hold(
        Properties.All(Properties.Any<byte>(), Properties.Any<ushort>(), Properties.Any<ushort>()),
        input =>
        {
            var header = new RecordHeader((RecordType)input.Item1, input.Item2, input.Item3, RecordHeader.PaddingFor(input.Item3));
            byte[] bytes = new byte[RecordHeader.Length];
            header.Write(bytes);
            return RecordHeader.TryRead(bytes, out RecordHeader read) && read == header && (header.ContentLength + header.PaddingLength) % 8 == 0;
        });

    [Fact]
    [Case(12)]
    public void PairsWrittenAreThoseOfTheSpecificationAndArePairsRead() => Properties.Hold(Properties.Pairs(), pairs =>
    {
        byte[] expected = Properties.Encode(pairs);
        byte[] wire = new byte[expected.Length];
        var writer = new NameValueWriter(wire);
        foreach ((byte[] name, byte[] value) in pairs)
        {
            if (!writer.TryWrite(name, value))
                return false;
        }
        return wire.AsSpan().SequenceEqual(expected) && Reads(wire, pairs);
    });

    [Fact]
    [Case(12, 16)]
    public void PairsInAnyFormAreReadAndOneCutShortIsNot() => Properties.Hold(
        Properties.All(Properties.Pairs(), Properties.Any<uint>(), Properties.Any<ushort>()),
        input =>
        {
            byte[] wire = Properties.Encode(input.Item1, input.Item2);
            int left = input.Item3 % (wire.Length + 1);
            List<int> ends = [0];
            var reader = new NameValueReader(wire);
            while (reader.TryRead(out _, out _))
                ends.Add(reader.Consumed);

            var cut = new NameValueReader(wire.AsSpan(0, left));
            while (cut.TryRead(out _, out _))
            {
            }
            return Reads(wire, input.Item1) && cut.Consumed == ends.Last(end => end <= left) && cut.AtEnd == ends.Contains(left);
        });

    [Fact]
    [Case(17)]
    public void NoBytesMakeTheReaderOfPairsLeaveThem() => Properties.Hold(Properties.Bytes(1000), bytes =>
    {
        var reader = new NameValueReader(bytes);
        int read = 0;
        while (reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            read += name.Length + value.Length + 2;
        return read <= reader.Consumed && reader.Consumed <= bytes.Length;
    });

    private static bool Reads(byte[] wire, List<(byte[] Name, byte[] Value)> expected)
    {
        var reader = new NameValueReader(wire);
        foreach ((byte[] name, byte[] value) in expected)
        {
            if (!reader.TryRead(out ReadOnlySpan<byte> n, out ReadOnlySpan<byte> v) || !n.SequenceEqual(name) || !v.SequenceEqual(value))
                return false;
        }
        return reader.AtEnd;
    }
}
