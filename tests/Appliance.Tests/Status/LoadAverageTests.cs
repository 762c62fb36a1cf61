using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class LoadAverageTests
{
    [Fact]
    public void ThreeAveragesAreRead()
    {
        Assert.True(LoadAverage.TryParse("0.06 12.09 3.40 1/84 4901\n"u8, out LoadAverage load));
        Assert.Equal(6u, load.OneMinute.Count);
        Assert.Equal(1209u, load.FiveMinutes.Count);
        Assert.Equal(340u, load.FifteenMinutes.Count);
    }

    [Fact]
    public void TruncatedLoadIsRefused()
    {
        foreach (byte[] cut in Text.ProperPrefixes("0.06 12.09 3.40 1/84 4901\n"))
            Assert.False(LoadAverage.TryParse(cut, out _));
    }

    [Theory]
    [InlineData("0.06 12.09\n")]
    [InlineData("nan nan nan 1/84 4901\n")]
    public void OddLoadIsRefused(string text) => Assert.False(LoadAverage.TryParse(Text.Bytes(text), out _));
}
