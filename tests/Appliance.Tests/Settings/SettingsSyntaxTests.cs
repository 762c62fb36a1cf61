using System;
using System.Collections.Generic;
using System.Text;
using Appliance.Settings;
using Appliance.Tests.Status;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Settings;

/// <summary>Files that are not JSON, or not text.</summary>
public class SettingsSyntaxTests
{
    private const string Valid =
        "// all kinds of tokens\n{\n  \"Log\": { \"Level\": \"deb\\u0075g\" }, /* and\n more */\n"
        + "  \"Limits\": {\n    \"Requests\": 120,\n    \"Connections\": \"7\",\n  },\n  \"Paths\": {\"Root\": \"/ü\"}\n}\n// end\n";

    [Fact]
    public void AByteOrderMarkIsSkipped() =>
        Assert.Equal(ServerLogLevel.Debug, TemporarySettings.Load([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Valid)]).LogLevel);

    [Fact]
    public void OneByteOrderMarkIsEnough() => Assert.Equal(
        "appliance.json:1:1: not JSON: unexpected character \\ufeff (U+FEFF)",
        TemporarySettings.Refusal("\ufeff\ufeff{}"));

    [Fact]
    public void Utf16IsRefusedByName()
    {
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] json = [.. encoding.GetPreamble(), .. encoding.GetBytes(Valid)];
            Assert.Equal("appliance.json: the text is UTF-16; it has to be saved as UTF-8", TemporarySettings.Refusal(json));
        }
    }

    [Theory]
    [InlineData("{\n\"a\u00ff\": 1}", "2:3: byte 0xFF")] // in a key
    [InlineData("{\"Log\": {\"Level\": \"\u00fcber\"}}", "1:20: byte 0xFC")] // Latin-1 in a value
    [InlineData("{} // \u00c3\u00bc \u00c3", "1:9: byte 0xC3")] // cut short in a comment; the ü before is one character
    [InlineData("{\"\u00ed\u00a0\u0080\": 1}", "1:3: byte 0xED")] // an encoded surrogate
    public void BytesThatAreNotUtf8AreRefusedWithTheirPlace(string latin1, string expected) =>
        Assert.Equal($"appliance.json:{expected} is not UTF-8", TemporarySettings.Refusal(Text.Bytes(latin1)));

    [Theory]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("""{"Log": {"Level": "\udc00\ud800"}}""")]
    [InlineData("""{"Log": {"Level": "a\ud800"}}""")]
    public void HalfACharacterIsRefused(string json) =>
        Assert.Equal("appliance.json:1: \\uD800 to \\uDFFF stand for a character only in pairs", TemporarySettings.Refusal(json));

    [Theory]
    [InlineData("", "1:1: not JSON: the file is empty")]
    [InlineData("/", "1:1: not JSON: unexpected character /")]
    [InlineData(" \n ", "2:2: not JSON: the file ends too early")]
    [InlineData("// nothing\n", "2:1: not JSON: the file ends too early")]
    [InlineData("{\n/* never", "2:1: not JSON: a comment does not end")]
    [InlineData("{} x", "1:4: not JSON: unexpected character x")]
    [InlineData("{},", "1:3: not JSON: unexpected character ,")]
    [InlineData("{\"Log\": {}, ", "1:13: not JSON after Log: the file ends too early")]
    [InlineData("{\"Log\": {},", "1:11: not JSON after Log: the file ends too early")]
    [InlineData("{}{}", "1:3: not JSON: unexpected character {")]
    [InlineData("{'Log': 1}", "1:2: not JSON: unexpected character '")]
    [InlineData("{\"Log\" {}}", "1:8: not JSON: unexpected character {")]
    [InlineData("{\n\t\"Log\": }", "2:9: not JSON after Log: unexpected character }")]
    [InlineData("{\"Log\": {\"Level\": debug}}", "1:19: not JSON after Log:Level: unexpected character d")]
    [InlineData("{\"Log\": {\"Level\": “debug”}}", "1:19: not JSON after Log:Level: unexpected character “ (U+201C)")]
    [InlineData("{\"Log\": {\"Level\": trUe}}", "1:21: not JSON after Log:Level: unexpected character U")]
    [InlineData("{\"Log\": {\"Level\": \"debug}}\n", "1:27: not JSON after Log:Level: the line ends too early")]
    [InlineData("{\"Log\": {\"Level\": \"\\x\"}}", "1:21: not JSON after Log:Level: unexpected character x")]
    [InlineData("{\"Log\": {}\n\"Limits\": {}}", "2:1: not JSON after Log: unexpected character \"")]
    [InlineData("{\"Limits\": {\"Requests\": 1.}}", "1:27: not JSON after Limits:Requests: unexpected character }")]
    [InlineData("{\"Limits\": {\"Requests\": 12x}}", "1:27: not JSON after Limits:Requests: unexpected character x")]
    [InlineData("{\"Log\": {\"Level\": \"\0\"}}", "1:20: not JSON after Log:Level: unexpected character \\x00 (U+0000)")]
    [InlineData("{\"Log\": {},,}", "1:12: not JSON after Log: unexpected character ,")]
    [InlineData("{\"Log\": {]}", "1:10: not JSON after Log: unexpected character ]")]
    public void ASyntaxErrorIsNamedWithLineColumnAndWhatStandsThere(string json, string expected) =>
        Assert.Equal($"appliance.json:{expected}", TemporarySettings.Refusal(json));

    [Fact]
    public void AModeWithoutQuotesIsExplained() => Assert.Equal(
        "appliance.json:1:22: not JSON after Socket:Mode: a number begins with 0; permissions such as 0660 are written in quotes",
        TemporarySettings.Refusal("{\"Socket\": {\"Mode\": 0660}}"));

    [Fact]
    public void AFileCutShortAnywhereIsRefusedOrWhole()
    {
        int end = Encoding.UTF8.GetByteCount(Valid[..(Valid.LastIndexOf('}') + 1)]);
        byte[] whole = Encoding.UTF8.GetBytes(Valid);
        const string Expected = "^appliance.json:[0-9]+:[0-9]+: "
            + "(not JSON.*: (the file ends too early|a comment does not end)|byte 0xC3 is not UTF-8)$";
        for (int length = 2; length < end; length++) // of one slash nobody can say what it was
            Assert.Matches(Expected, TemporarySettings.Refusal(whole[..length]));
        Assert.Equal(TemporarySettings.Load(whole), TemporarySettings.Load(whole[..end]));
    }

    [Fact]
    public void ADamagedFileIsLoadedOrRefusedInOneLineAndNeverAnythingElse()
    {
        var random = new Random(20);
        using var file = new TemporarySettings();
        foreach (byte[] damaged in Damaged(random, 4000))
        {
            System.IO.File.WriteAllBytes(file.Path, damaged);
            try
            {
                SettingsLoader.Load(file.Path, new System.Collections.Hashtable());
            }
            catch (SettingsException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }

    private static IEnumerable<byte[]> Damaged(Random random, int count)
    {
        byte[] tokens = Encoding.ASCII.GetBytes("{}[]:,\"\\/*u0129-+.eEtfn \n\r\t\0\u007f");
        for (int i = 0; i < count; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(Valid);
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                text[random.Next(text.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : tokens[random.Next(tokens.Length)];
            yield return random.Next(3) == 0 ? text[random.Next(text.Length)..] : text;
        }
    }
}
