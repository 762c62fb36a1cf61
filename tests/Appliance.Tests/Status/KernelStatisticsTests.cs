using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class KernelStatisticsTests
{
    private const string Recorded =
        "cpu  3667 0 1865 117501 470 0 49 9 0 0\n"
        + "cpu0 1551 0 737 59432 20 0 6 3 0 0\n"
        + "cpu3 2115 0 1127 58068 449 0 42 5 0 0\n"
        + "intr 170479 0 0 1\n"
        + "ctxt 493702\n"
        + "btime 1795152963\n"
        + "processes 4905\n";

    [Fact]
    public void TotalCountAndBootTimeAreRead()
    {
        Assert.Null(KernelStatistics.Parse(Text.Bytes(Recorded), out KernelStatistics statistics));
        Assert.Equal(2, statistics.CpuCount);
        Assert.Equal(1795152963u, statistics.BootTime);
        Assert.Equal(CpuTimes.AllCpus, statistics.Total.Cpu);
        Assert.Equal(3667u, statistics.Total.User.Count);
        Assert.Equal(117501u, statistics.Total.Idle.Count);
        Assert.Equal(9u, statistics.Total.Steal.Count);
    }

    [Fact]
    public void TruncatedStatisticsAreReportedUpToTheBootTime()
    {
        int enough = Recorded.IndexOf("processes", System.StringComparison.Ordinal);
        foreach (byte[] cut in Text.ProperPrefixes(Recorded))
        {
            string? fault = KernelStatistics.Parse(cut, out _);
            Assert.Equal(cut.Length == enough, fault is null);
        }
    }

    [Theory]
    [InlineData("", "no cpu lines")]
    [InlineData("btime 5\n", "no cpu lines")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 9 10\nbtime 5\n", "no cpu lines")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4\nbtime 5\n", "a cpu line has fewer than ten numbers")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n", "no btime")]
    [InlineData("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nbtime x\n", "no btime")]
    public void AFaultIsNamed(string text, string fault) =>
        Assert.Equal(fault, KernelStatistics.Parse(Text.Bytes(text), out _));

    [Fact]
    public void CpusKeepTheirNumbersWhereSomeAreOffline()
    {
        Assert.True(CpuTimes.TryParse("cpu11 1 2 3 4 5 6 7 8 9 10 11"u8, out CpuTimes times));
        Assert.Equal(11, times.Cpu);
        Assert.Equal(10u, times.GuestNice.Count);
    }

    [Theory]
    [InlineData("cpux 1 2 3 4 5 6 7 8 9 10")]
    [InlineData("cpu99999999999 1 2 3 4 5 6 7 8 9 10")]
    [InlineData("cpu0 1 2 3 4 5 6 7 8 9")]
    [InlineData("cpu0 1 2 3 -4 5 6 7 8 9 10")]
    [InlineData("intr 1 2 3 4 5 6 7 8 9 10")]
    public void WhatIsNoCpuLineIsRefused(string line) => Assert.False(CpuTimes.TryParse(Text.Bytes(line), out _));
}
