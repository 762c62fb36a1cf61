using System.Buffers;
using System.Text;
using System.Text.Json;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class HundredthsTests
{
    [Theory]
    [InlineData("619.63", 61963ul)]
    [InlineData("0.00", 0ul)]
    [InlineData("0.05", 5ul)]
    [InlineData("184467440737095514.99", 18446744073709551499ul)]
    public void TwoDecimalsAreKeptExactly(string text, ulong count)
    {
        Assert.True(Hundredths.TryParse(Text.Bytes(text), out Hundredths number));
        Assert.Equal(count, number.Count);
        Assert.Equal("{\"n\":" + text + "}", Write(number));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".00")]
    [InlineData("1")]
    [InlineData("1.")]
    [InlineData("1.2")]
    [InlineData("1.234")]
    [InlineData("-1.00")]
    [InlineData("1.-1")]
    [InlineData("1,00")]
    [InlineData("1.0.0")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e5.00")]
    [InlineData("184467440737095516.16")]
    [InlineData("99999999999999999999999.00")]
    public void OtherFormsAreRefused(string text) => Assert.False(Hundredths.TryParse(Text.Bytes(text), out _));

    [Fact]
    public void TheLargestCountFitsItsBuffer() =>
        Assert.Equal("{\"n\":184467440737095516.15}", Write(new Hundredths(ulong.MaxValue)));

    private static string Write(Hundredths number)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartObject();
            number.Write(writer, "n"u8);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
