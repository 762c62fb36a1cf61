using System;
using System.Collections;
using System.IO;
using System.Text;
using Appliance.Settings;
using Xunit;

namespace Appliance.Tests.Settings;

/// <summary>A folder with one settings file that a test fills.</summary>
internal sealed class TemporarySettings : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-settings-").FullName;

    public TemporarySettings() => Path = System.IO.Path.Combine(_folder, "appliance.json");

    public string Path { get; }

    public static ApplianceSettings Load(string json) => Load(Encoding.UTF8.GetBytes(json));

    public static ApplianceSettings Load(byte[] json)
    {
        using var file = new TemporarySettings();
        File.WriteAllBytes(file.Path, json);
        return SettingsLoader.Load(file.Path, new Hashtable());
    }

    /// <summary>The message a text is refused with, the folder taken off the file's name.</summary>
    public static string Refusal(string json) => Refusal(Encoding.UTF8.GetBytes(json));

    public static string Refusal(byte[] json)
    {
        using var file = new TemporarySettings();
        File.WriteAllBytes(file.Path, json);
        return file.Refusal();
    }

    public string Refusal()
    {
        string message = Assert.Throws<SettingsException>(() => SettingsLoader.Load(Path, new Hashtable())).Message;
        Assert.StartsWith(_folder, message, StringComparison.Ordinal);
        return message[(_folder.Length + 1)..];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
