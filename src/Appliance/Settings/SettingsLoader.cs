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

    /// <summary>Loads the settings.</summary>
    /// <param name="file">The JSON file, comments and trailing commas allowed; null for none.</param>
    /// <param name="environment">
    /// APPLIANCE_LOG_LEVEL sets Log:Level, APPLIANCE_ACCESS_USERS_alice the entry of alice in Access:Users, and so on; other
    /// variables are not looked at.
    /// </param>
    /// <exception cref="SettingsException">The file cannot be read, or a key is unknown or has a value it cannot have.</exception>
    public static ApplianceSettings Load(string? file, IDictionary environment)
    {
        ApplianceSettings settings = new();
        if (file is not null)
            settings = ApplyFile(settings, file);
        return ApplyEnvironment(settings, environment);
    }

    private static ApplianceSettings ApplyFile(ApplianceSettings settings, string file)
    {
        byte[] json = SettingsFile.Read(file);
        SettingsPositions positions = SettingsPositions.Find(file, json);
        IConfigurationRoot configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(json)).Build();
        foreach (string key in positions.Keys)
        {
            if (SettingsTable.Find(key) is { } set && configuration[key] is { } value)
                settings = Apply(settings, set, value, $"{positions.Of(key)}: {key}");
        }
        return settings;
    }

    private static ApplianceSettings ApplyEnvironment(ApplianceSettings settings, IDictionary environment)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry variable in environment)
        {
            string name = (string)variable.Key;
            if (!name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
                continue;
            string key = KeyOf(name[EnvironmentPrefix.Length..]);
            if (SettingsTable.Find(key) is not { } set)
                throw new SettingsException($"environment variable {name}: {SettingsTable.Unknown(key)}");
            if (!seen.TryAdd(key, name))
                throw new SettingsException($"environment variables {seen[key]} and {name} are the same setting");
            settings = Apply(settings, set, (string?)variable.Value ?? "", $"environment variable {name}");
        }
        return settings;
    }

    /// <summary>LOG_LEVEL is Log:Level; behind the name of a map, what follows is the entry's name as it stands.</summary>
    private static string KeyOf(string variable)
    {
        foreach (string map in SettingsTable.Maps.Keys)
        {
            if (variable.StartsWith($"{map.Replace(':', '_')}_", StringComparison.OrdinalIgnoreCase))
                return $"{map}:{variable[(map.Length + 1)..]}";
        }
        return variable.Replace('_', ':');
    }

    private static ApplianceSettings Apply(ApplianceSettings settings, SettingsTable.Setter set, string value, string what)
    {
        try
        {
            return set(settings, value);
        }
        catch (FormatException e)
        {
            throw new SettingsException($"{what} is {SettingsException.Quote(value)}: {e.Message}");
        }
    }
}
