using System;
using System.Collections;
using System.IO;
using System.Text.RegularExpressions;
using Appliance.Settings;
using Xunit;

namespace Appliance.Tests.Settings;

/// <summary>rootfs/etc/appliance/appliance.json, which every image has.</summary>
public class ShippedSettingsTests
{
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "shipped", "appliance.json");

    // A setting commented out: slashes, then a quoted key.
    private static readonly Regex CommentedSetting = new("^( *)// (\"(\\w+)\": .*)$", RegexOptions.Multiline);

    [Fact]
    public void TheShippedFileLoadsAndKeepsTheDefaults() =>
        Assert.Equal(new ApplianceSettings(), SettingsLoader.Load(Shipped, new Hashtable()));

    [Fact]
    public void TheDefaultsInItsCommentsAreTheDefaults() =>
        Assert.Equal(new ApplianceSettings(), TemporarySettings.Load(CommentedSetting.Replace(File.ReadAllText(Shipped), "$1$2")));

    [Fact]
    public void EverySettingStandsInIt() =>
        Assert.Equal(SettingsTable.Entries.Count + SettingsTable.Maps.Count, CommentedSetting.Count(File.ReadAllText(Shipped)));
}
