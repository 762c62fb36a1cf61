using System;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class InterfaceTests
{
    private readonly ulong[] _columns = new ulong[InterfaceCounters.ColumnCount];

    [Theory]
    [InlineData("  eth0: 226573402    4998    0    0    0     0          0         0   268418    3322 0 0 0 0 0 0", "eth0")]
    [InlineData("br-lan:226573402 4998 0 0 0 0 0 0 268418 3322 0 0 0 0 0 0", "br-lan")]
    [InlineData("eth0:1: 226573402 4998 0 0 0 0 0 0 268418 3322 0 0 0 0 0 0", "eth0:1")]
    public void NameAndCountersAreRead(string line, string name)
    {
        Assert.True(InterfaceCounters.TryParse(Text.Bytes(line), _columns, out InterfaceCounters counters));
        Assert.True(counters.Name.SequenceEqual(Text.Bytes(name)));
        Assert.Equal(226573402u, counters.ReceivedBytes);
        Assert.Equal(268418u, counters.TransmittedBytes);
    }

    [Fact]
    public void ALineCutBeforeItsLastCounterIsRefused()
    {
        const string Line = "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
        foreach (byte[] cut in Text.ProperPrefixes(Line))
        {
            // A cut last number is still a number: only the newline, which LineReader insists on, tells.
            Assert.Equal(cut.Length == Line.Length - 1, InterfaceCounters.TryParse(cut, _columns, out _));
        }
    }

    [Theory]
    [InlineData(": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16")]
    [InlineData("eth0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16")]
    [InlineData("eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -16")]
    [InlineData("eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 18446744073709551616")]
    public void WhatIsNoInterfaceIsRefused(string line) =>
        Assert.False(InterfaceCounters.TryParse(Text.Bytes(line), _columns, out _));

    [Theory]
    [InlineData("1000", true, 1000)]
    [InlineData("0", true, 0)]
    [InlineData("-1", false, 0)]
    [InlineData("4294967295", false, 0)]
    [InlineData("1000 1", false, 0)]
    [InlineData("", false, 0)]
    public void UnknownSpeedIsAbsent(string text, bool known, int expected)
    {
        Assert.Equal(known, InterfaceAttributes.TryParseSpeed(Text.Bytes(text), out int megabits));
        if (known)
            Assert.Equal(expected, megabits);
    }

    [Theory]
    [InlineData("1500", true)]
    [InlineData("4294967295", true)]
    [InlineData("4294967296", false)]
    [InlineData("-1", false)]
    [InlineData("", false)]
    public void MtuIsAnUnsignedNumber(string text, bool valid) =>
        Assert.Equal(valid, InterfaceAttributes.TryParseMtu(Text.Bytes(text), out _));
}
