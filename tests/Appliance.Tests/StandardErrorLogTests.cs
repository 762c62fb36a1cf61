using System;
using System.Text;
using FastCgi;
using Xunit;

namespace Appliance.Tests;

public class StandardErrorLogTests
{
    private static readonly DateTime Moment = new(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    [Theory]
    [InlineData(ServerLogLevel.Debug, "debug")]
    [InlineData(ServerLogLevel.Information, "information")]
    [InlineData(ServerLogLevel.Warning, "warning")]
    [InlineData(ServerLogLevel.Error, "error")]
    public void ALineIsTimeLevelAndMessage(ServerLogLevel level, string name) =>
        Assert.Equal($"2026-02-03T04:05:06Z {name}: what happened", StandardErrorLog.Line(Moment, level, "what happened"));

    [Theory]
    [InlineData("a\nb\r\nc", @"a\x0ab\x0d\x0ac")]
    [InlineData("\u001b[31mred\u001b[0m", @"\x1b[31mred\x1b[0m")]
    [InlineData("tab\tbell\u0007back\bnull\0del\u007f", @"tab\x09bell\x07back\x08null\x00del\x7f")]
    [InlineData("c1 \u0085\u009b2J", @"c1 \x85\x9b2J")]
    [InlineData("\u2028\u2029\u202e\u2066\ufeff", @"\u2028\u2029\u202e\u2066\ufeff")]
    public void AMessageStaysOnItsLineAndCannotSteerATerminal(string message, string visible) =>
        Assert.EndsWith($": {visible}", StandardErrorLog.Line(Moment, ServerLogLevel.Warning, message), StringComparison.Ordinal);

    [Theory]
    [InlineData("Grüße, 世界, 𝄞 and \\x0a")]
    [InlineData("")]
    public void OtherTextIsLeftAsItIs(string message) =>
        Assert.EndsWith($"warning: {message}", StandardErrorLog.Line(Moment, ServerLogLevel.Warning, message), StringComparison.Ordinal);

    [Theory]
    [InlineData(new[] { 'a', '\ud800', 'b' }, "a\ufffdb")]
    [InlineData(new[] { '\udc00', '\ud834', '\udd1e', '\ud800' }, "\ufffd𝄞\ufffd")]
    [InlineData(new[] { '\udd1e', '\ud834' }, "\ufffd\ufffd")]
    public void HalvesOfCharactersAreReplaced(char[] message, string visible)
    {
        string line = StandardErrorLog.Line(Moment, ServerLogLevel.Error, new string(message));
        Assert.EndsWith($": {visible}", line, StringComparison.Ordinal);
        Assert.Equal(line, new UTF8Encoding(false, true).GetString(new UTF8Encoding(false, true).GetBytes(line)));
    }

    [Fact]
    public void NoCharacterMakesItFailOrBreaksTheLine()
    {
        for (int c = 0; c <= char.MaxValue; c++)
            Assert.DoesNotContain('\n', StandardErrorLog.Line(Moment, ServerLogLevel.Error, ((char)c).ToString()));
    }

    [Fact]
    public void LinesBelowTheLevelAreNotKept()
    {
        var log = new StandardErrorLog(ServerLogLevel.Warning);
        Assert.False(log.IsEnabled(ServerLogLevel.Debug));
        Assert.False(log.IsEnabled(ServerLogLevel.Information));
        Assert.True(log.IsEnabled(ServerLogLevel.Warning));
        Assert.True(log.IsEnabled(ServerLogLevel.Error));
    }
}
