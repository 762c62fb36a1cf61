using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using Microsoft.Extensions.Configuration;

namespace Appliance.Settings;

/// <summary>Makes settings from the defaults, then a JSON file, then the environment; the later stands.</summary>
internal static class SettingsLoader
{
    private const string EnvironmentPrefix = "APPLIANCE_";
    private const int MaxFileBytes = 1 << 20; // arbitrary: somebody named a log or an image instead

    /// <summary>Loads the settings.</summary>
    /// <param name="file">The JSON file, comments and trailing commas allowed; null for none.</param>
    /// <param name="environment">APPLIANCE_LOG_LEVEL sets Log:Level, and so on; other variables are not looked at.</param>
    /// <exception cref="SettingsException">The file cannot be read, or a key is unknown or has a value it cannot have.</exception>
    public static ApplianceSettings Load(string? file, IDictionary environment)
    {
        ApplianceSettings settings = new();
        if (file is not null)
        {
            byte[] json = Read(file);
            SettingsPositions positions = SettingsPositions.Find(file, json);
            IConfigurationRoot configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(json)).Build();
            foreach (IConfigurationSection section in configuration.GetChildren())
                settings = ApplySection(settings, section, positions);
        }
        return ApplyEnvironment(settings, environment);
    }

    private static byte[] Read(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (stream.Length > MaxFileBytes)
                throw new SettingsException($"{file}: {stream.Length} bytes, more than {MaxFileBytes}: not a settings file");
            byte[] json = new byte[stream.Length];
            stream.ReadExactly(json);
            return json;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SettingsException($"{file}: no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingsException($"{file}: is a folder, or permission is denied");
        }
        catch (IOException e)
        {
            throw new SettingsException($"{file}: cannot be read: {e.Message}");
        }
    }

    private static ApplianceSettings ApplySection(ApplianceSettings settings, IConfigurationSection section, SettingsPositions positions)
    {
        bool leaf = true;
        foreach (IConfigurationSection child in section.GetChildren())
        {
            leaf = false;
            settings = ApplySection(settings, child, positions);
        }
        return leaf ? Apply(settings, section.Path, section.Value, positions.Of(section.Path)) : settings;
    }

    private static ApplianceSettings ApplyEnvironment(ApplianceSettings settings, IDictionary environment)
    {
        foreach (DictionaryEntry variable in environment)
        {
            string name = (string)variable.Key;
            if (name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
                settings = Apply(settings, KeyOf(name), (string?)variable.Value, $"environment variable {name}");
        }
        return settings;
    }

    private static string KeyOf(string variable) => variable[EnvironmentPrefix.Length..].Replace('_', ':');

    private static ApplianceSettings Apply(ApplianceSettings settings, string key, string? value, string where)
    {
        if (!SettingsTable.Entries.TryGetValue(key, out SettingsTable.Setter? set))
            throw new SettingsException($"{where}: unknown setting \"{key}\"{Nearest(key)}");
        try
        {
            return set(settings, value ?? throw new FormatException("a value is missing"));
        }
        catch (FormatException e)
        {
            throw new SettingsException($"{where}: {key} is \"{value}\": {e.Message}");
        }
    }

    /// <summary>What was probably meant: the known keys of the same section.</summary>
    private static string Nearest(string key)
    {
        string section = key[..(key.IndexOf(':') + 1)];
        List<string> siblings = [];
        foreach (string known in SettingsTable.Entries.Keys)
        {
            if (section.Length > 0 && known.StartsWith(section, StringComparison.OrdinalIgnoreCase))
                siblings.Add(known);
        }
        return siblings.Count == 0 ? "" : $"; known are {string.Join(", ", siblings)}";
    }
}
