using System;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class FieldReaderTests
{
    [Fact]
    public void AnyNumberOfBlanksSeparatesFields()
    {
        FieldReader fields = new("  a\t\tbc   "u8);
        Assert.True(fields.TryRead(out ReadOnlySpan<byte> first));
        Assert.True(first.SequenceEqual("a"u8));
        Assert.True(fields.TryRead(out ReadOnlySpan<byte> second));
        Assert.True(second.SequenceEqual("bc"u8));
        Assert.False(fields.TryRead(out _));
    }

    [Fact]
    public void WhatIsNotANumberStaysToBeRead()
    {
        FieldReader fields = new("12x 7"u8);
        Assert.False(fields.TryReadNumber(out _));
        Assert.False(fields.TryReadHundredths(out _));
        Assert.True(fields.TryRead(out ReadOnlySpan<byte> field));
        Assert.True(field.SequenceEqual("12x"u8));
        Assert.True(fields.TryReadNumber(out ulong number));
        Assert.Equal(7u, number);
    }

    [Theory]
    [InlineData("0", true, 0ul)]
    [InlineData("18446744073709551615", true, ulong.MaxValue)]
    [InlineData("18446744073709551616", false, 0ul)]
    [InlineData("-1", false, 0ul)]
    [InlineData("+1", false, 0ul)]
    [InlineData("1e3", false, 0ul)]
    [InlineData("0x10", false, 0ul)]
    [InlineData("", false, 0ul)]
    public void ANumberIsDecimalDigitsThatFitAndNothingElse(string text, bool valid, ulong expected)
    {
        Assert.Equal(valid, FieldReader.TryParseNumber(Text.Bytes(text), out ulong number));
        if (valid)
            Assert.Equal(expected, number);
    }
}
