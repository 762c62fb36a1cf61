using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class MemoryInfoTests
{
    private const string Recorded =
        "MemTotal:       24684092 kB\nMemFree:        24180340 kB\nMemAvailable:   24333420 kB\nBuffers:           19444 kB\n"
        + "Cached:           305652 kB\nSwapCached:            0 kB\nActive(anon):       1528 kB\nSwapTotal:       1048576 kB\n"
        + "SwapFree:        1000000 kB\nHugePages_Total:       0\nHugepagesize:       2048 kB\n";

    [Fact]
    public void KilobytesOfTheKernelAre1024Bytes()
    {
        Assert.Null(MemoryInfo.Parse(Text.Bytes(Recorded), out MemoryInfo memory));
        Assert.Equal(24684092ul * 1024, memory.TotalBytes);
        Assert.Equal(24180340ul * 1024, memory.FreeBytes);
        Assert.Equal(24333420ul * 1024, memory.AvailableBytes);
        Assert.Equal(19444ul * 1024, memory.BuffersBytes);
        Assert.Equal(305652ul * 1024, memory.CachedBytes);
        Assert.Equal(1048576ul * 1024, memory.SwapTotalBytes);
        Assert.Equal(1000000ul * 1024, memory.SwapFreeBytes);
    }

    [Fact]
    public void TruncatedMeminfoIsReportedNotThrown()
    {
        int enough = Recorded.IndexOf("HugePages", System.StringComparison.Ordinal);
        foreach (byte[] cut in Text.ProperPrefixes(Recorded))
        {
            bool whole = cut.Length >= enough && cut[^1] == (byte)'\n';
            Assert.Equal(whole, MemoryInfo.Parse(cut, out _) is null);
        }
    }

    [Fact]
    public void AKernelWithoutMemAvailableIsNoFault()
    {
        string old = Recorded.Replace("MemAvailable:   24333420 kB\n", "", System.StringComparison.Ordinal);
        Assert.Null(MemoryInfo.Parse(Text.Bytes(old), out MemoryInfo memory));
        Assert.Null(memory.AvailableBytes);
    }

    [Theory]
    [InlineData("MemTotal: 1\n", "a field is not a number of kB")]
    [InlineData("MemTotal: 1 MB\n", "a field is not a number of kB")]
    [InlineData("MemTotal: -1 kB\n", "a field is not a number of kB")]
    [InlineData("MemTotal: 18446744073709551615 kB\n", "a field is not a number of kB")]
    [InlineData("MemTotal: 1 kB\n", "a field is missing")]
    [InlineData("no colon\n", "a field is missing")]
    [InlineData("", "a field is missing")]
    [InlineData("MemTotal: 1 kB", "cut in mid-line")]
    public void AFaultIsNamed(string text, string fault) => Assert.Equal(fault, MemoryInfo.Parse(Text.Bytes(text), out _));
}
