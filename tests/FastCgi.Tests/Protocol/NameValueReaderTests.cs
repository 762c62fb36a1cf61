using System;
using System.Collections.Generic;
using System.Text;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Protocol;

public class NameValueReaderTests
{
    /// <summary>FCGI_NameValuePair11, 14, 41 and 44 of §3.4.</summary>
    [Theory]
    [Case(12)]
    [InlineData(new byte[] { 1, 2 }, 1, 2)]
    [InlineData(new byte[] { 3, 0x80, 0, 0, 4 }, 3, 4)]
    [InlineData(new byte[] { 0x80, 0, 0, 5, 6 }, 5, 6)]
    [InlineData(new byte[] { 0x80, 0, 1, 0, 0x80, 0, 2, 1 }, 256, 513)]
    [InlineData(new byte[] { 127, 0x80, 0, 0, 128 }, 127, 128)]
    public void ReadsEveryFormOfTheLengths(byte[] lengths, int nameLength, int valueLength)
    {
        byte[] name = new byte[nameLength], value = new byte[valueLength];
        Array.Fill(name, (byte)'n');
        Array.Fill(value, (byte)'v');
        var reader = new NameValueReader([.. lengths, .. name, .. value]);

        Assert.True(reader.TryRead(out ReadOnlySpan<byte> readName, out ReadOnlySpan<byte> readValue));
        Assert.Equal(name, readName);
        Assert.Equal(value, readValue);
        Assert.True(reader.AtEnd);
        Assert.False(reader.TryRead(out _, out _));
    }

    [Fact]
    public void EveryProperPrefixIsNotYetAPairAndMovesNothing()
    {
        byte[] longPair = Wire.Pairs((new string('n', 300), new string('v', 200)));
        foreach (byte[] whole in new[] { Wire.Pairs(("NAME", "value")), longPair })
        {
            byte[] before = Wire.Pairs(("A", "B"));
            for (int length = 0; length < whole.Length; length++)
            {
                var reader = new NameValueReader([.. before, .. whole[..length]]);
                Assert.True(reader.TryRead(out _, out _));
                Assert.False(reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value));
                Assert.True(name.IsEmpty && value.IsEmpty);
                Assert.Equal(before.Length, reader.Consumed);
                Assert.Equal(length == 0, reader.AtEnd);
            }
        }
    }

    [Theory]
    [Case(17)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'x' })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 1, (byte)'x' })]
    [InlineData(new byte[] { 1, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'x' })]
    [InlineData(new byte[] { 0x80, 0, 0, 2, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'x' })]
    public void HugeLengthsAreNotBelievedAndCostNothing(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = new NameValueReader(bytes).TryRead(out _, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(read);
    }

    [Fact]
    public void EmptyNamesAndValuesArePairs()
    {
        var reader = new NameValueReader([0, 0, 0, 1, (byte)'v', 1, 0, (byte)'n']);
        Assert.True(reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value));
        Assert.True(name.IsEmpty && value.IsEmpty);
        Assert.True(reader.TryRead(out name, out value));
        Assert.True(name.IsEmpty && value.SequenceEqual("v"u8));
        Assert.True(reader.TryRead(out name, out value));
        Assert.True(name.SequenceEqual("n"u8) && value.IsEmpty);
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void ReadsTheVariablesOfTheSpecificationsFirstExample()
    {
        // Appendix B: "\013\002SERVER_PORT80\013\016SERVER_ADDR199.170.183.42 ... "
        var reader = new NameValueReader("\x0b\x02SERVER_PORT80\x0b\x0eSERVER_ADDR199.170.183.42"u8);
        List<string> pairs = [];
        while (reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            pairs.Add($"{Encoding.ASCII.GetString(name)}={Encoding.ASCII.GetString(value)}");
        Assert.Equal(["SERVER_PORT=80", "SERVER_ADDR=199.170.183.42"], pairs);
        Assert.True(reader.AtEnd);
    }
}
