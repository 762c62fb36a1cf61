using System.Text;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class OsReleaseTests
{
    [Theory]
    [InlineData("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n", "Debian GNU/Linux 12 (bookworm)")]
    [InlineData("PRETTY_NAME='Single $quoted\\'\n", "Single $quoted\\")]
    [InlineData("PRETTY_NAME=Bare\n", "Bare")]
    [InlineData("PRETTY_NAME=\"a \\\"b\\\" \\$c \\\\ \\`\"\n", "a \"b\" $c \\ `")]
    [InlineData("PRETTY_NAME=first\nPRETTY_NAME=last\r\n", "last")]
    [InlineData("ID=x\nPRETTY_NAME=\"no newline\"", "no newline")]
    public void TheNameIsReadAsAShellWould(string text, string expected) => Assert.Equal(expected, Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("PRETTY_NAME=")]
    [InlineData("PRETTY_NAME=\"\"\n")]
    [InlineData("PRETTY_NAME=\"\n")]
    [InlineData("PRETTY_NAME=\"open\n")]
    [InlineData("XPRETTY_NAME=x\n#PRETTY_NAME=y\n")]
    public void WithoutANameThereIsNone(string text) => Assert.Null(Parse(text));

    [Fact]
    public void TruncatedOsReleaseNeverThrows()
    {
        foreach (byte[] cut in Text.ProperPrefixes("ID=x\nPRETTY_NAME=\"a \\\"b\\\" c\"\n"))
            OsRelease.TryParsePrettyName(cut, new byte[cut.Length], out _);
    }

    private static string? Parse(string text)
    {
        byte[] name = new byte[text.Length];
        return OsRelease.TryParsePrettyName(Text.Bytes(text), name, out int length)
            ? Encoding.UTF8.GetString(name, 0, length)
            : null;
    }
}
