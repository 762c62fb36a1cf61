using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.CommandLine;

/// <summary>Settings, good and broken, as the binary reads them from its file and its environment.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task ShippedSettingsAreGood()
    {
        Ended ended = await NativeProgram.RunAsync(
            _folder.FullPath, "--settings", $"{Machine.Root}/rootfs/etc/appliance/appliance.json", "--check");

        Assert.Equal(0, ended.ExitCode);
        Assert.Empty(ended.Error);
    }

    [NativeFact]
    public async Task NoSettingsAreGood() =>
        Assert.Equal(0, (await NativeProgram.RunAsync(_folder.FullPath, "--check")).ExitCode);

    [NativeTheory]
    [InlineData("{\n  \"Log\": {\n    \"Level\": \"loud\"\n  }\n}", "settings.json:3", "Log:Level", "loud")]
    [InlineData("{\n  \"Log\": { \"Levle\": \"debug\" }\n}", "settings.json:2", "Log:Levle", "Log:Level")]
    [InlineData("{\n\n  \"Colour\": 1\n}", "settings.json:3", "Colour", "unknown")]
    [InlineData("{ \"Limits\": {\n  \"Connections\": \"many\" } }", "settings.json:2", "Limits:Connections", "many")]
    [InlineData("{ \"Limits\": {\n  \"Connections\": 0 } }", "settings.json:2", "Limits:Connections", "from 1")]
    [InlineData("{ \"Limits\": {\n  \"Connections\": [1, 2] } }", "settings.json:2", "Limits:Connections", "list")]
    [InlineData("{\n  \"Log\": { \"Level\": \"debug\" },\n  oops\n}", "settings.json:3", "Log", "not JSON")]
    [InlineData("{\n  \"Log\": { \"Level\": \"debug\",\n", "settings.json:3", "Log:Level", "not JSON")]
    [InlineData("{\n  \"Socket\": { \"Mode\": \"0660\",\n \"Mode\": \"0600\" }\n}", "settings.json:3", "Socket:Mode", "line 2")]
    [InlineData("", "settings.json:1", "", "not JSON")]
    [InlineData("[]", "settings.json:1", "", "object")]
    public async Task BrokenFileIsNamedWithLineAndKey(string json, string place, string key, string what)
    {
        await File.WriteAllTextAsync(_folder.At("settings.json"), json);

        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, "--settings", "settings.json", "--check");

        AssertRefused(ended, place, key, what);
    }

    [NativeFact]
    public async Task MissingFileIsNamed() =>
        AssertRefused(await NativeProgram.RunAsync(_folder.FullPath, "--settings", "nowhere.json", "--check"), "nowhere.json", "No such file");

    [NativeFact]
    public async Task FolderForAFileIsNamed() =>
        AssertRefused(await NativeProgram.RunAsync(_folder.FullPath, "--settings", "/proc", "--check"), "/proc", "directory");

    [NativeTheory]
    [InlineData("APPLIANCE_LOG_LEVLE", "debug", "LOG:LEVLE")]
    [InlineData("APPLIANCE_LOG_LEVEL", "loud", "loud")]
    [InlineData("APPLIANCE_", "", "APPLIANCE_")]
    public async Task WrongEnvironmentVariableIsNamed(string name, string value, string what)
    {
        Ended ended = await NativeProgram.RunAsync(
            _folder.FullPath, new Dictionary<string, string> { [name] = value }, [Machine.Appliance, "--check"]);

        AssertRefused(ended, name, what);
    }

    [NativeFact]
    public async Task EnvironmentOverridesTheFile()
    {
        await File.WriteAllTextAsync(_folder.At("settings.json"), """{ "Socket": { "Mode": "0600" } }""");

        Ended ended = await NativeProgram.RunAsync(
            _folder.FullPath, new Dictionary<string, string> { ["APPLIANCE_SOCKET_MODE"] = "rw" },
            [Machine.Appliance, "--settings", "settings.json", "--check"]);

        AssertRefused(ended, "APPLIANCE_SOCKET_MODE", "rw");
    }

    /// <summary>One line that names everything, and 2.</summary>
    private static void AssertRefused(Ended ended, params string[] named)
    {
        Assert.Equal(2, ended.ExitCode);
        Assert.Empty(ended.Output);
        Assert.StartsWith("appliance: ", ended.Error);
        Assert.Equal(ended.Error.Length - 1, ended.Error.IndexOf('\n'));
        Assert.All(named, text => Assert.Contains(text, ended.Error));
    }
}
