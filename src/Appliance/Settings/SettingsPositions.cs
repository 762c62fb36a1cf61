using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Appliance.Settings;

/// <summary>
/// On which line of the settings file each key stands: Microsoft.Extensions.Configuration forgets it, and an error
/// has to name it. Also finds, before the configuration is built, what that would drop or refuse without a place: text that is
/// not JSON, keys that stand twice or are not known, a section where a value belongs and the reverse.
/// </summary>
internal sealed class SettingsPositions
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _file;

    private SettingsPositions(string file) => _file = file;

    /// <summary>The keys and sections of the file, as written there, in its order.</summary>
    public IEnumerable<string> Keys => _lines.Keys;

    /// <summary>"file:line" of a key in the file, its parts joined by a colon.</summary>
    public string Of(string key) => At(_lines[key]);

    /// <summary>Reads through the file. A value may still be one that its key cannot have.</summary>
    /// <exception cref="SettingsException">It is not a JSON object of known keys.</exception>
    public static SettingsPositions Find(string file, ReadOnlySpan<byte> json)
    {
        var positions = new SettingsPositions(file);
        string key = "";
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                int line = TextPosition.At(json, (int)reader.TokenStartIndex).Line;
                throw new SettingsException($"{positions.At(line)}: settings are an object, {{ … }}, not {NameOf(reader.TokenType)}");
            }
            positions.Walk(ref reader, json, "", ref key);
            while (reader.Read())
            {
                // Anything but comments after the object is an error, which Read throws.
            }
        }
        catch (JsonException e)
        {
            throw new SettingsException($"{file}:{JsonFault.Describe(json, e, key, reader.CurrentDepth > 0)}");
        }
        return positions;
    }

    /// <summary>Goes through an object. It calls itself for known sections only, so no file can make it go deep.</summary>
    private void Walk(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string parent, ref string key)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int line = TextPosition.At(json, (int)reader.TokenStartIndex).Line;
            string name = parent + TextOf(ref reader, line);
            if (!_lines.TryAdd(name, line))
                throw new SettingsException($"{At(line)}: {SettingsException.Quote(name)} stands twice, first on line {_lines[name]}");
            bool isSection = SettingsTable.IsSection(name);
            if (!isSection && SettingsTable.Find(name) is null)
                throw new SettingsException($"{At(line)}: {SettingsTable.Unknown(name)}");

            key = name;
            reader.Read();
            bool isObject = reader.TokenType == JsonTokenType.StartObject;
            if (isSection != isObject || reader.TokenType is JsonTokenType.StartArray or JsonTokenType.Null)
            {
                string expected = isSection ? "an object, { … }" : "one value; left out, it has its default";
                throw new SettingsException($"{At(line)}: {name} is {NameOf(reader.TokenType)}: expected {expected}");
            }
            if (isSection)
                Walk(ref reader, json, $"{name}:", ref key);
            else if (reader.TokenType == JsonTokenType.String)
                TextOf(ref reader, line);
        }
    }

    private string TextOf(ref Utf8JsonReader reader, int line)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new SettingsException($"{At(line)}: \\uD800 to \\uDFFF stand for a character only in pairs");
        }
    }

    private static string NameOf(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };

    private string At(int line) => string.Create(CultureInfo.InvariantCulture, $"{_file}:{line}");
}
