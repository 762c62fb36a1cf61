using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Appliance.Settings;

/// <summary>
/// On which line of the settings file each key stands: Microsoft.Extensions.Configuration forgets it, and an error
/// has to name it. Also finds what is not JSON, or stands twice, before the configuration is built.
/// </summary>
internal sealed class SettingsPositions
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _file;

    private SettingsPositions(string file) => _file = file;

    /// <summary>"file:line" of a key with its parts joined by a colon, or of the nearest section around it.</summary>
    public string Of(string key)
    {
        while (key.Length > 0 && !_lines.ContainsKey(key))
            key = key[..Math.Max(key.LastIndexOf(':'), 0)];
        return At(_lines.GetValueOrDefault(key, 1));
    }

    /// <summary>Reads through the file.</summary>
    /// <exception cref="SettingsException">It is not a JSON object, or a key stands twice.</exception>
    public static SettingsPositions Find(string file, ReadOnlySpan<byte> json)
    {
        var positions = new SettingsPositions(file);
        string key = "";
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new SettingsException($"{positions.At(1)}: expected an object: {{ … }}");
            positions.Walk(ref reader, json, "", ref key);
            while (reader.Read())
            {
                // Anything but comments after the object is an error, which Read throws.
            }
        }
        catch (JsonException e)
        {
            string after = key.Length > 0 ? $" after {key}" : "";
            throw new SettingsException($"{positions.At((int)(e.LineNumber ?? 0) + 1)}: not JSON{after}: {e.Message}");
        }
        return positions;
    }

    private void Walk(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string parent, ref string key)
    {
        int index = 0;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            string name = reader.TokenType == JsonTokenType.PropertyName
                ? reader.GetString()!
                : (index++).ToString(CultureInfo.InvariantCulture); // an array's element, as the configuration names it
            key = parent.Length > 0 ? $"{parent}:{name}" : name;
            int line = 1 + json[..(int)reader.TokenStartIndex].Count((byte)'\n');
            if (!_lines.TryAdd(key, line))
                throw new SettingsException($"{At(line)}: {key} stands twice, first on line {_lines[key]}");

            if (reader.TokenType == JsonTokenType.PropertyName)
                reader.Read();
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                Walk(ref reader, json, key, ref key);
        }
    }

    private string At(int line) => string.Create(CultureInfo.InvariantCulture, $"{_file}:{line}");
}
