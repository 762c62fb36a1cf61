using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using Appliance.Access;
using Appliance.Settings;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Settings;

public class SettingsTableTests
{
    private const int Day = 24 * 60 * 60;

    /// <summary>The keys whose values are whole numbers, their bounds, and where the number must arrive.</summary>
    private static readonly Dictionary<string, (long Least, long Most, Func<ApplianceSettings, long> Read)> Numbers = new()
    {
        ["Log:SlowRequestMilliseconds"] = (0, Day * 1000, s => (long)s.Limits.SlowRequestThreshold.TotalMilliseconds),
        ["Socket:Backlog"] = (1, 65535, s => s.Limits.Backlog),
        ["Status:MountDeadlineMilliseconds"] = (1, 60_000, s => (long)s.MountDeadline.TotalMilliseconds),
        ["Status:SourceDeadlineMilliseconds"] = (1, 60_000, s => (long)s.Status.SourceDeadline.TotalMilliseconds),
        ["Status:ListEntries"] = (0, 1_000_000, s => s.Status.ListEntries),
        ["Status:TopProcesses"] = (0, 1000, s => s.Status.TopProcesses),
        ["Status:ScannedProcesses"] = (0, 4 << 20, s => s.Status.ScannedProcesses),
        ["Status:Warnings"] = (0, 1000, s => s.Status.Warnings),
        ["Status:StreamWatchers"] = (0, 65535, s => s.StreamWatchers),
        ["Metrics:OpenFiles"] = (0, 65535, s => s.MetricsOpenFiles),
        ["Limits:Connections"] = (1, 65535, s => s.Limits.MaxConnections),
        ["Limits:Requests"] = (1, 65535, s => s.Limits.MaxRequests),
        ["Limits:RequestsPerConnection"] = (1, 65535, s => s.Limits.MaxRequestsPerConnection),
        ["Limits:ParametersBytes"] = (1024, 16 << 20, s => s.Limits.MaxParametersBytes),
        ["Limits:Parameters"] = (16, 65535, s => s.Limits.MaxParameters),
        ["Limits:BodyBytes"] = (0, long.MaxValue, s => s.Limits.MaxBodyBytes),
        ["Limits:BodyBufferBytes"] = (4096, 16 << 20, s => s.Limits.BodyBufferBytes),
        ["Limits:ResponseHeaderBytes"] = (1024, 31 << 10, s => s.Limits.MaxResponseHeaderBytes),
        ["Limits:UnflushedBytes"] = (64 << 10, 1 << 30, s => s.Limits.MaxUnflushedBytes),
        ["Limits:UnsentBytes"] = (64 << 10, 1L << 40, s => s.Limits.MaxUnsentBytes),
        ["Limits:LingerBytes"] = (0, 1 << 30, s => s.Limits.LingerBytes),
        ["Limits:SkippedBytes"] = (0, long.MaxValue, s => s.Limits.MaxSkippedBytes),
        ["Limits:ErrorBytes"] = (0, 32 << 10, s => s.Limits.MaxErrorBytes),
        ["Limits:UnreadAnswers"] = (1, 65535, s => s.Limits.MaxUnreadAnswers),
        ["Limits:BlockingHandlers"] = (1, 256, s => s.Limits.MaxBlockingHandlers),
        ["Limits:QueuedRequests"] = (0, 65535, s => s.Limits.MaxQueuedRequests),
        ["Limits:RecycleAfterRequests"] = (0, long.MaxValue, s => s.Limits.RecycleAfterRequests),
        ["Limits:RecycleAboveMemoryBytes"] = (0, long.MaxValue, s => s.Limits.RecycleAboveMemoryBytes),
        ["Limits:RecyclePatienceSeconds"] = (1, Day, s => (long)s.Limits.RecyclePatience.TotalSeconds),
        ["Timeouts:HeaderSeconds"] = (1, Day, s => (long)s.Limits.HeaderTimeout.TotalSeconds),
        ["Timeouts:BodySeconds"] = (1, Day, s => (long)s.Limits.BodyTimeout.TotalSeconds),
        ["Timeouts:StallSeconds"] = (1, Day, s => (long)s.Limits.StallTimeout.TotalSeconds),
        ["Timeouts:WriteSeconds"] = (1, Day, s => (long)s.Limits.WriteTimeout.TotalSeconds),
        ["Timeouts:IdleSeconds"] = (1, Day, s => (long)s.Limits.IdleTimeout.TotalSeconds),
        ["Timeouts:RequestSeconds"] = (1, Day, s => (long)s.Limits.RequestTimeout.TotalSeconds),
        ["Timeouts:LingerSeconds"] = (1, Day, s => (long)s.Limits.LingerTimeout.TotalSeconds),
        ["Timeouts:DrainSeconds"] = (1, Day, s => (long)s.Limits.DrainTimeout.TotalSeconds),
        ["Timeouts:DrainIdleMilliseconds"] = (0, 60_000, s => (long)s.Limits.DrainIdleTimeout.TotalMilliseconds),
    };

    private static readonly string[] Others =
        ["Log:Level", "Log:Access", "Log:AccessFormat", "Limits:RefuseWithOverloaded", "Socket:Mode", "Access:Hosts", "Access:Realm",
         "Paths:Proc", "Paths:Sys", "Paths:Root", "Metrics:Textfiles", "Status:LeasesFile"];

    public static TheoryData<string> NumberKeys => [.. Numbers.Keys];

    [Fact]
    public void EveryKeyIsTestedHere() =>
        Assert.Equal(SettingsTable.Entries.Keys.Order(), Numbers.Keys.Concat(Others).Order());

    [Theory]
    [MemberData(nameof(NumberKeys))]
    public void ANumberMayBeEitherBoundWithOrWithoutQuotes(string key)
    {
        (long least, long most, Func<ApplianceSettings, long> read) = Numbers[key];
        Assert.Equal(least, read(TemporarySettings.Load(Json(key, $"{least}"))));
        Assert.Equal(most, read(TemporarySettings.Load(Json(key, $"{most}"))));
        Assert.Equal(least, read(TemporarySettings.Load(Json(key, $"\"{least}\""))));
        Assert.Equal(most, read(TemporarySettings.Load(Json(key, $"\"{most}\""))));
    }

    [Theory]
    [MemberData(nameof(NumberKeys))]
    public void ANumberJustOutsideItsBoundsIsRefusedWithItsPlaceAndTheBounds(string key)
    {
        (long least, long most, _) = Numbers[key];
        foreach (decimal outside in new[] { least - 1m, most + 1m })
        {
            string expected = string.Create(
                CultureInfo.InvariantCulture,
                $"appliance.json:3: {key} is \"{outside}\": expected a whole number from {least} to {most}");
            Assert.Equal(expected, TemporarySettings.Refusal(Json(key, $"{outside}")));
            Assert.Equal(expected, TemporarySettings.Refusal(Json(key, $"\"{outside}\"")));
        }
    }

    [Theory]
    [MemberData(nameof(NumberKeys))]
    public void ANumberIsDecimalDigitsAndNothingElse(string key)
    {
        (long least, long most, _) = Numbers[key];
        string[] texts = ["", " 5000", "5000 ", "+5000", "5e3", "5000.0", "0x1388", "5,000", "５０００", "5000\\u0000", "ten"];
        string[] tokens = ["5e3", "5000.0", "1e999", "-0.5", "true", "false", new('9', 5000)];
        foreach (string value in (string[])[.. texts.Select(text => $"\"{text}\""), .. tokens])
            Assert.Matches($": expected a whole number from {least} to {most}$", TemporarySettings.Refusal(Json(key, value)));
    }

    [Theory]
    [MemberData(nameof(NumberKeys))]
    public void ANumberChangesNothingButItsOwnSetting(string key)
    {
        ApplianceSettings changed = TemporarySettings.Load(Json(key, $"{Numbers[key].Most}"));
        foreach ((string other, (_, _, Func<ApplianceSettings, long> read)) in Numbers)
            Assert.Equal(other == key ? Numbers[key].Most : read(new ApplianceSettings()), read(changed));
    }

    [Fact]
    public void EveryLimitOfTheServerCanBeSet()
    {
        HashSet<string> reached = [nameof(ServerLimits.RefuseWithOverloaded)]; // no number
        foreach ((string key, (_, long most, _)) in Numbers)
        {
            ServerLimits changed = TemporarySettings.Load(Json(key, $"{most}")).Limits;
            reached.UnionWith(LimitNames().Where(name => !Equals(Limit(name, changed), Limit(name, new ServerLimits()))));
        }
        Assert.Equal(LimitNames().Order(), reached.Order());
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    [InlineData("false", false)]
    public void ASwitchIsTrueOrFalse(string token, bool expected) =>
        Assert.Equal(expected, TemporarySettings.Load(Json("Limits:RefuseWithOverloaded", token)).Limits.RefuseWithOverloaded);

    [Theory]
    [InlineData("yes")]
    [InlineData("1")]
    [InlineData("")]
    public void AnythingElseIsNoSwitch(string text) => Assert.Equal(
        $"appliance.json:3: Limits:RefuseWithOverloaded is \"{text}\": expected true or false",
        TemporarySettings.Refusal(Json("Limits:RefuseWithOverloaded", $"\"{text}\"")));

    [Theory]
    [InlineData("1")]
    [InlineData("16777215")]
    public void AMemoryLimitThatWouldRecycleForEverIsRefused(string bytes) => Assert.Equal(
        $"appliance.json:3: Limits:RecycleAboveMemoryBytes is \"{bytes}\": expected 0 or at least 16777216: below, the program would do nothing but start anew",
        TemporarySettings.Refusal(Json("Limits:RecycleAboveMemoryBytes", bytes)));

    [Theory]
    [InlineData("debug", ServerLogLevel.Debug)]
    [InlineData("information", ServerLogLevel.Information)]
    [InlineData("warning", ServerLogLevel.Warning)]
    [InlineData("error", ServerLogLevel.Error)]
    public void EachLogLevelHasItsName(string name, ServerLogLevel level) =>
        Assert.Equal(level, TemporarySettings.Load(Json("Log:Level", $"\"{name}\"")).LogLevel);

    [Theory]
    [InlineData("loud")]
    [InlineData("Debug")]
    [InlineData("0")]
    [InlineData("")]
    public void AnotherLogLevelIsRefusedWithTheFourNames(string name) => Assert.Equal(
        $"appliance.json:3: Log:Level is \"{name}\": expected debug, information, warning or error",
        TemporarySettings.Refusal(Json("Log:Level", $"\"{name}\"")));

    [Theory]
    [InlineData("01", 1)]
    [InlineData("0660", 0x1B0)]
    [InlineData("0777", 0x1FF)]
    [InlineData("0000600", 0x180)]
    public void ASocketsModeIsOctal(string text, int mode) =>
        Assert.Equal((UnixFileMode)mode, TemporarySettings.Load(Json("Socket:Mode", $"\"{text}\"")).SocketMode);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("432")]
    [InlineData("660")]
    [InlineData("01000")]
    [InlineData("0680")]
    [InlineData("-1")]
    [InlineData("0o660")]
    [InlineData("rw-rw----")]
    [InlineData("660 ")]
    [InlineData("77777777777777777777777777777777")]
    public void AModeThatIsNotPermissionsIsRefused(string text) => Assert.Equal(
        $"appliance.json:3: Socket:Mode is \"{text}\": expected octal permissions such as 0660",
        TemporarySettings.Refusal(Json("Socket:Mode", $"\"{text}\"")));

    [Theory]
    [InlineData("", "")]
    [InlineData("router", "router")]
    [InlineData(" router.lan  NAS_1.example.org ", "router.lan|NAS_1.example.org")]
    public void HostsAreNamesWithBlanksBetween(string value, string names) =>
        Assert.Equal(names, string.Join('|', TemporarySettings.Load(Json("Access:Hosts", $"\"{value}\"")).Hosts));

    [Theory]
    [InlineData("router.lan:80")]
    [InlineData("http://router.lan")]
    [InlineData("router.lan,nas.lan")]
    [InlineData("*")]
    [InlineData("*.lan")]
    [InlineData("192.168.1.1")]
    [InlineData("[::1]")]
    [InlineData("röuter.lan")]
    [InlineData("[")]
    public void WhatIsNoNameOfAHostIsRefused(string name) => Assert.Equal(
        $"appliance.json:3: Access:Hosts is \"nas {name}\": expected names such as router.lan, with blanks between, and not \"{name}\"",
        TemporarySettings.Refusal(Json("Access:Hosts", $"\"nas {name}\"")));

    [Theory]
    [InlineData("x")]
    [InlineData("My router (attic)")]
    public void ARealmIsTextThatFitsBetweenQuotes(string realm) =>
        Assert.Equal(realm, TemporarySettings.Load(Json("Access:Realm", $"\"{realm}\"")).Realm);

    [Theory]
    [InlineData("", "")]
    [InlineData("é", "é")]
    [InlineData("a\\u000ab", "a\\x0ab")]
    [InlineData("a\\u0022b", "a\"b")]
    [InlineData("a\\\\b", "a\\b")]
    public void AnotherRealmIsRefused(string json, string shown) => Assert.Equal(
        $"appliance.json:3: Access:Realm is \"{shown}\": expected 1 to 100 printable ASCII characters without \" and \\",
        TemporarySettings.Refusal(Json("Access:Realm", $"\"{json}\"")));

    [Theory]
    [InlineData("metrics", UserRole.Metrics)]
    [InlineData("viewer", UserRole.Viewer)]
    [InlineData("operator", UserRole.Operator)]
    [InlineData("admin", UserRole.Admin)]
    public void EachRoleHasItsName(string name, object role) =>
        Assert.Equal(role, TemporarySettings.Load(UserJson("zoë", name)).Users.Of("zoë"u8));

    [Theory]
    [InlineData("root")]
    [InlineData("Admin")]
    [InlineData("viewer metrics")]
    [InlineData("anyone")]
    [InlineData("4")]
    [InlineData("")]
    public void AnotherRoleIsRefusedWithItsUserAndTheFourNames(string name) => Assert.Equal(
        $"appliance.json:4: Access:Users:zoë is \"{name}\": expected metrics, viewer, operator or admin",
        TemporarySettings.Refusal(UserJson("zoë", name)));

    [Fact]
    public void EachPathArrivesAtItsRoot()
    {
        var roots = TemporarySettings.Load("""{"Paths": {"Proc": "/a", "Sys": "/b", "Root": "/c/ü"}}""").Roots;
        Assert.Equal(("/a", "/b", "/c/ü"), (roots.Proc, roots.Sys, roots.Root));
    }

    [Theory]
    [InlineData("Paths:Proc")]
    [InlineData("Paths:Sys")]
    [InlineData("Paths:Root")]
    [InlineData("Status:LeasesFile")]
    public void APathIsAbsolute(string key)
    {
        foreach (string path in new[] { "", "proc", "./proc", " /proc", "~/proc", "C:\\\\" })
            Assert.EndsWith("\": expected an absolute path", TemporarySettings.Refusal(Json(key, $"\"{path}\"")), StringComparison.Ordinal);
        Assert.Equal(
            $"appliance.json:3: {key} is \"/a\\x00b\": expected an absolute path",
            TemporarySettings.Refusal(Json(key, "\"/a\\u0000b\"")));
    }

    [Fact]
    public void TextfilesAreAFolderOrOff()
    {
        Assert.Null(new ApplianceSettings().MetricsTextfiles);
        Assert.Null(TemporarySettings.Load(Json("Metrics:Textfiles", $"\"off\"")).MetricsTextfiles);
        Assert.Equal("/var/metrics", TemporarySettings.Load(Json("Metrics:Textfiles", $"\"/var/metrics/\"")).MetricsTextfiles);
        foreach (string folder in new[] { "", "metrics", "Off", "/a\\u0000b" })
        {
            string refusal = TemporarySettings.Refusal(Json("Metrics:Textfiles", $"\"{folder}\""));
            Assert.EndsWith("\": expected off or an absolute path", refusal, StringComparison.Ordinal);
        }
    }

    private static string UserJson(string user, string role) =>
        $"{{\n  \"Access\": {{\n    \"Users\": {{\n      \"{user}\": \"{role}\"\n    }}\n  }}\n}}\n";

    private static string Json(string key, FormattableString value) => Json(key, FormattableString.Invariant(value));

    /// <summary>A file of one key, on line 3.</summary>
    private static string Json(string key, string value)
    {
        string[] parts = key.Split(':');
        return $"{{\n  \"{parts[0]}\": {{\n    \"{parts[1]}\": {value}\n  }}\n}}\n";
    }

    private static IEnumerable<string> LimitNames() =>
        typeof(ServerLimits).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name);

    private static object? Limit(string name, ServerLimits limits) => typeof(ServerLimits).GetProperty(name)!.GetValue(limits);
}
