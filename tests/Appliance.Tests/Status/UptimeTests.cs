using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class UptimeTests
{
    [Fact]
    public void TheFirstNumberIsTheUptime()
    {
        Assert.True(Uptime.TryParse("619.63 1175.01\n"u8, out Hundredths seconds));
        Assert.Equal(61963u, seconds.Count);
    }

    [Fact]
    public void TruncatedUptimeIsRefused()
    {
        foreach (byte[] cut in Text.ProperPrefixes("619.63 1175.01\n"))
            Assert.False(Uptime.TryParse(cut, out _));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("up\n")]
    [InlineData("-5.00 1.00\n")]
    [InlineData("619,63 1175,01\n")]
    public void OddUptimeIsRefused(string text) => Assert.False(Uptime.TryParse(Text.Bytes(text), out _));
}
