using System;
using System.Collections;
using System.IO;
using Appliance.Access;
using Appliance.Settings;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Settings;

public class SettingsLoaderTests
{
    [Fact]
    public void WithoutAFileAndVariablesEverythingHasItsDefault() =>
        Assert.Equal(new ApplianceSettings(), SettingsLoader.Load(null, new Hashtable()));

    [Theory]
    [InlineData("{}")]
    [InlineData("  {\n}\n\n")]
    [InlineData("// nothing is set\n{ /* yet */ }\n// really")]
    [InlineData("""{"Log": {}, "Limits": { /* "Requests": 5 */ }, }""")]
    public void AFileThatSetsNothingChangesNothing(string json) =>
        Assert.Equal(new ApplianceSettings(), TemporarySettings.Load(json));

    [Fact]
    public void CommentsTrailingCommasAndWindowsLineEndsAreAccepted()
    {
        ApplianceSettings settings = TemporarySettings.Load(
            "{\r\n  // a comment\r\n  \"Log\": {\r\n    \"Level\": \"debug\", /* another */\r\n  },\r\n"
            + "  \"Limits\": { \"Requests\": 7, },\r\n}\r\n");
        Assert.Equal((ServerLogLevel.Debug, 7), (settings.LogLevel, settings.Limits.MaxRequests));
    }

    [Fact]
    public void LinesAreCountedThroughCommentsAndWindowsLineEnds() => Assert.Equal(
        "appliance.json:5: Log:Level is \"loud\": expected debug, information, warning or error",
        TemporarySettings.Refusal("{\r\n/* one\r\ntwo */\r\n\"Log\": {\r\n\"Level\":\r\n\r\n\"loud\"}}"));

    [Fact]
    public void TheFirstLineIsLineOne() =>
        Assert.Matches("^appliance.json:1: ", TemporarySettings.Refusal("""{"Log": {"Level": "loud"}}"""));

    [Fact]
    public void TheCaseOfKeysDoesNotMatter() =>
        Assert.Equal(9, TemporarySettings.Load("""{"LIMITS": {"requests": 9}}""").Limits.MaxRequests);

    [Fact]
    public void AKeyMayBeWrittenWithItsSectionBeforeAColon()
    {
        ApplianceSettings settings = TemporarySettings.Load(
            """{"Log:Level": "error", "Limits": {"Requests": 9}, "Limits:Connections": 8}""");
        Assert.Equal(ServerLogLevel.Error, settings.LogLevel);
        Assert.Equal(new ServerLimits { MaxRequests = 9, MaxConnections = 8 }, settings.Limits);
    }

    [Fact]
    public void TheEnvironmentStandsOverTheFileAndTheFileOverTheDefaults()
    {
        using var file = new TemporarySettings();
        File.WriteAllText(file.Path, """{"Log": {"Level": "error"}, "Limits": {"Requests": 9}}""");
        var environment = new Hashtable { ["APPLIANCE_LOG_LEVEL"] = "debug", ["APPLIANCE_PATHS_PROC"] = "/p" };
        Assert.Equal(
            new ApplianceSettings
            {
                LogLevel = ServerLogLevel.Debug,
                Roots = new Appliance.Status.StatusRoots(Proc: "/p"),
                Limits = new ServerLimits { MaxRequests = 9 },
            },
            SettingsLoader.Load(file.Path, environment));
    }

    [Fact]
    public void EveryKeyHasAVariable()
    {
        foreach (string key in SettingsTable.Entries.Keys)
        {
            string variable = "APPLIANCE_" + key.ToUpperInvariant().Replace(':', '_');
            Assert.Matches($"^environment variable {variable} is \"%\"\": expected ", Refusal(variable, "%\""));
        }
    }

    [Fact]
    public void AnEntryOfAMapHasAVariableThatEndsWithItsNameAsItIs()
    {
        using var file = new TemporarySettings();
        File.WriteAllText(file.Path, """{"Access": {"Users": {"alice": "admin", "bob": "viewer"}}}""");
        UserRoles users = SettingsLoader.Load(
            file.Path,
            new Hashtable { ["APPLIANCE_ACCESS_USERS_alice"] = "metrics", ["APPLIANCE_ACCESS_USERS_night_Shift"] = "operator" }).Users;
        Assert.Equal(
            (UserRole.Metrics, UserRole.Viewer, UserRole.Operator, UserRole.Anyone),
            (users.Of("alice"u8), users.Of("bob"u8), users.Of("night_Shift"u8), users.Of("night_shift"u8)));
    }

    [Fact]
    public void AVariableOfAMapIsRefusedAsAnyOther()
    {
        Assert.Equal(
            "environment variable APPLIANCE_ACCESS_USERS_alice is \"root\": expected metrics, viewer, operator or admin",
            Refusal("APPLIANCE_ACCESS_USERS_alice", "root"));
        foreach (string variable in new[] { "APPLIANCE_ACCESS_USERS", "APPLIANCE_ACCESS_USERS_" })
        {
            Assert.Matches(
                $"^environment variable {variable}: unknown setting \"(?i:access:users:?)\"; known are Access:Hosts, Access:Realm, Access:Users:NAME$",
                Refusal(variable, "admin"));
        }
    }

    [Fact]
    public void AVariableThatIsNoSettingIsRefusedWithTheKnownKeysOfItsSection() => Assert.Equal(
        "environment variable APPLIANCE_LOG_LEVL: unknown setting \"LOG:LEVL\"; known are Log:Level, Log:Access, Log:AccessFormat, Log:SlowRequestMilliseconds",
        Refusal("APPLIANCE_LOG_LEVL", "debug"));

    [Theory]
    [InlineData("APPLIANCE_")]
    [InlineData("APPLIANCE_LOG")]
    [InlineData("APPLIANCE_LOG__LEVEL")]
    [InlineData("APPLIANCE_LOG_LEVEL_")]
    [InlineData("APPLIANCE_DEBUG")]
    public void AVariableMustBeAWholeKey(string variable) =>
        Assert.Matches($"^environment variable {variable}: unknown setting ", Refusal(variable, "debug"));

    [Fact]
    public void AnEmptyVariableIsAValueLikeAnyOther() => Assert.Equal(
        "environment variable APPLIANCE_LOG_LEVEL is \"\": expected debug, information, warning or error",
        Refusal("APPLIANCE_LOG_LEVEL", ""));

    [Fact]
    public void VariablesThatDifferOnlyInCaseAreRefusedForTheirOrderIsNotKnown()
    {
        var environment = new SortedList { ["APPLIANCE_LOG_LEVEL"] = "debug", ["APPLIANCE_Log_Level"] = "error" };
        string message = Assert.Throws<SettingsException>(() => SettingsLoader.Load(null, environment)).Message;
        Assert.Contains("APPLIANCE_LOG_LEVEL", message, StringComparison.Ordinal);
        Assert.Contains("APPLIANCE_Log_Level", message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherVariablesAreNotLookedAt()
    {
        var environment = new Hashtable { ["PATH"] = "/bin", ["appliance_log_level"] = "loud", ["A_APPLIANCE_LOG_LEVEL"] = "loud" };
        Assert.Equal(new ApplianceSettings(), SettingsLoader.Load(null, environment));
    }

    private static string Refusal(string variable, string value) =>
        Assert.Throws<SettingsException>(() => SettingsLoader.Load(null, new Hashtable { [variable] = value })).Message;
}
