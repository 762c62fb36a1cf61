using System;
using System.Linq;
using Xunit;

namespace Appliance.Tests.Settings;

/// <summary>Files that are JSON, but not settings.</summary>
public class SettingsShapeTests
{
    [Theory]
    [InlineData("[]", "a list")]
    [InlineData("\"Log\"", "a string")]
    [InlineData("7", "a number")]
    [InlineData("null", "null")]
    [InlineData("true", "true or false")]
    public void SettingsAreAnObject(string json, string found) =>
        Assert.Equal($"appliance.json:2: settings are an object, {{ … }}, not {found}", TemporarySettings.Refusal("\n" + json));

    [Theory]
    [InlineData("{}", "an object")]
    [InlineData("{\"Level\": 1}", "an object")]
    [InlineData("[]", "a list")]
    [InlineData("[\"debug\"]", "a list")]
    [InlineData("[[[1]]]", "a list")]
    [InlineData("null", "null")]
    public void WhereAValueBelongsNothingElseIsTaken(string json, string found) => Assert.Equal(
        $"appliance.json:1: Log:Level is {found}: expected one value; left out, it has its default",
        TemporarySettings.Refusal($"{{\"Log\": {{\"Level\": {json}}}}}"));

    [Theory]
    [InlineData("\"debug\"", "a string")]
    [InlineData("\"\"", "a string")]
    [InlineData("1", "a number")]
    [InlineData("null", "null")]
    [InlineData("false", "true or false")]
    [InlineData("[]", "a list")]
    [InlineData("[{\"Level\": \"debug\"}]", "a list")]
    public void WhereASectionBelongsNothingElseIsTaken(string json, string found) => Assert.Equal(
        $"appliance.json:1: Log is {found}: expected an object, {{ … }}",
        TemporarySettings.Refusal($"{{\"Log\": {json}}}"));

    [Fact]
    public void AValueBesideAKeyOfItsSectionDoesNotHide() => Assert.Equal(
        "appliance.json:1: Log is a string: expected an object, { … }",
        TemporarySettings.Refusal("""{"Log": "x", "Log:Level": "debug"}"""));

    [Fact]
    public void AnUnknownKeyIsRefusedWithTheKnownOnesOfItsSection() => Assert.Equal(
        "appliance.json:3: unknown setting \"Socket:Mod\"; known are Socket:Mode, Socket:Backlog",
        TemporarySettings.Refusal("{\"Log\": {},\n\"Socket\": {\n\"Mod\": 1}}"));

    [Theory]
    [InlineData("""{"Lgo": {"Level": "debug"}}""", "Lgo")]
    [InlineData("""{"Level": "debug"}""", "Level")]
    [InlineData("""{"": 1}""", "")]
    [InlineData("""{"": {"Log": {"Level": "debug"}}}""", "")]
    [InlineData("""{":": 1}""", ":")]
    [InlineData("""{":Log": {"Level": 1}}""", ":Log")]
    [InlineData("""{"Log ": {"Level": 1}}""", "Log ")]
    public void AnUnknownSectionIsRefusedWithTheKnownOnes(string json, string key) => Assert.Equal(
        $"appliance.json:1: unknown setting \"{key}\"; the sections are Log, Socket, Access, Paths, Status, Metrics, Limits, Timeouts",
        TemporarySettings.Refusal(json));

    [Theory]
    [InlineData("""{"Log:": 1}""", "Log:")]
    [InlineData("""{"Log": {"": 1}}""", "Log:")]
    [InlineData("""{"Log": {"Level:": 1}}""", "Log:Level:")]
    [InlineData("""{"Log:Level:x": 1}""", "Log:Level:x")]
    [InlineData("""{"Log": {"Log:Level": "debug"}}""", "Log:Log:Level")]
    public void ColonsInKeysMakeNoWayAroundTheTable(string json, string key) =>
        Assert.Equal($"appliance.json:1: unknown setting \"{key}\"; known are Log:Level, Log:Access, Log:AccessFormat, Log:SlowRequestMilliseconds", TemporarySettings.Refusal(json));

    [Theory]
    [InlineData("{\"Log\": {\"Level\": \"debug\",\n\"Level\": \"debug\"}}", "Log:Level")]
    [InlineData("{\"Log\": {\"Level\": \"debug\",\n\"LEVEL\": \"error\"}}", "Log:LEVEL")]
    [InlineData("{\"Log\": {\"Level\": \"debug\"},\n\"Log:Level\": \"error\"}", "Log:Level")]
    [InlineData("{\"Log:Level\": \"debug\", \"Log\": {\n\"Level\": \"error\"}}", "Log:Level")]
    [InlineData("{\"Log\": {},\n\"log\": {\"Level\": \"error\"}}", "log")]
    [InlineData("{\"Log\": {\"Level\": \"debug\",\n\"L\\u0065vel\": \"error\"}}", "Log:Level")]
    public void WhatStandsTwiceIsRefusedWithBothLines(string json, string key) =>
        Assert.Equal($"appliance.json:2: \"{key}\" stands twice, first on line 1", TemporarySettings.Refusal(json));

    [Theory]
    [InlineData("{\"a\":", "}")]
    [InlineData("{\"Log\":", "}")]
    [InlineData("[", "]")]
    [InlineData("{\"Log\":{\"Level\":[", "]}}")]
    public void DeepNestingIsRefusedAtItsFirstLevelThatDoesNotBelong(string open, string close)
    {
        string json = string.Concat(Enumerable.Repeat(open, 40_000)) + "1" + string.Concat(Enumerable.Repeat(close, 40_000));
        Assert.StartsWith("appliance.json:1: ", TemporarySettings.Refusal(json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "an object")]
    [InlineData("{\"role\": \"admin\"}", "an object")]
    [InlineData("[\"viewer\", \"metrics\"]", "a list")]
    [InlineData("null", "null")]
    public void AnEntryOfAMapIsOneValue(string json, string found) => Assert.Equal(
        $"appliance.json:1: Access:Users:alice is {found}: expected one value; left out, it has its default",
        TemporarySettings.Refusal($"{{\"Access\": {{\"Users\": {{\"alice\": {json}}}}}}}"));

    [Theory]
    [InlineData("\"admin\"", "a string")]
    [InlineData("\"\"", "a string")]
    [InlineData("null", "null")]
    [InlineData("[]", "a list")]
    public void AMapIsAnObject(string json, string found) => Assert.Equal(
        $"appliance.json:1: Access:Users is {found}: expected an object, {{ … }}",
        TemporarySettings.Refusal($"{{\"Access\": {{\"Users\": {json}}}}}"));

    [Theory]
    [InlineData("a:b")]
    [InlineData(":")]
    [InlineData("alice:")]
    public void ANameInAMapHasNoColon(string name) => Assert.Equal(
        $"appliance.json:1: unknown setting \"Access:Users:{name}\"; known are Access:Hosts, Access:Realm, Access:Users:NAME",
        TemporarySettings.Refusal($"{{\"Access\": {{\"Users\": {{\"{name}\": \"admin\"}}}}}}"));

    [Fact]
    public void ANameInAMapIsNotEmpty() => Assert.Equal(
        "appliance.json:1: unknown setting \"Access:Users:\"; known are Access:Hosts, Access:Realm, Access:Users:NAME",
        TemporarySettings.Refusal("""{"Access": {"Users": {"": "admin"}}}"""));

    [Fact]
    public void NamesInAMapThatDifferInCaseOnlyAreRefused() => Assert.Equal(
        "appliance.json:2: \"Access:Users:Alice\" stands twice, first on line 1",
        TemporarySettings.Refusal("{\"Access\": {\"Users\": {\"alice\": \"admin\",\n\"Alice\": \"viewer\"}}}"));

    [Fact]
    public void LongKeysAndValuesAreCutInMessages()
    {
        string longText = new('x', 500_000);
        Assert.Matches("^appliance.json:1: unknown setting \"x{80}…\"; ", TemporarySettings.Refusal($"{{\"{longText}\": 1}}"));
        Assert.Equal(
            $"appliance.json:1: Log:Level is \"{new string('x', 80)}…\": expected debug, information, warning or error",
            TemporarySettings.Refusal($"{{\"Log\": {{\"Level\": \"{longText}\"}}}}"));
    }

    [Fact]
    public void WhatIsQuotedCannotBreakTheLineOrSteerATerminal()
    {
        Assert.Contains(@"""a\x0a\x1b[2J\u202eb""", TemporarySettings.Refusal("""{"a\n\u001b[2J\u202eb": 1}"""), StringComparison.Ordinal);
        Assert.Contains(@"is ""\x1b[31m"":", TemporarySettings.Refusal("""{"Log": {"Level": "\u001b[31m"}}"""), StringComparison.Ordinal);
    }
}
