using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Appliance.Tests.OpenApi;

/// <summary>
/// Checks values against the schemas of an OpenAPI 3.1 document (JSON Schema 2020-12), as far as rootfs/usr/share/appliance/openapi.json uses
/// it: type, properties, required, additionalProperties, items, enum, minimum, maximum, $ref. Any other keyword that would say something
/// about a value is an error, so nothing is taken for checked that is not.
/// </summary>
internal sealed class JsonSchema(JsonElement document)
{
    private static readonly string[] Annotations = ["description", "default"];

    /// <summary>Every property that a value had, as "schema.property"; list items and nested objects extend the path.</summary>
    public HashSet<string> Seen { get; } = [];

    /// <summary>Every property that the schema knows, in the form of <see cref="Seen"/>.</summary>
    public HashSet<string> PropertiesOf(string schema)
    {
        HashSet<string> found = [];
        Collect(Component(schema), schema, found);
        return found;
    }

    /// <returns>What is wrong with the value; nothing for one that is valid.</returns>
    public List<string> Check(string schema, JsonElement value)
    {
        List<string> faults = [];
        Check(Component(schema), value, schema, faults);
        return faults;
    }

    private void Check(JsonElement schema, JsonElement value, string path, List<string> faults)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            JsonElement rule = keyword.Value;
            switch (keyword.Name)
            {
                case "$ref":
                    Check(Referred(rule), value, path, faults);
                    break;
                case "type" when !IsOfType(value, rule.GetString()!):
                    faults.Add($"{path} is {value.GetRawText()} and not of type {rule}");
                    return;
                case "required":
                    faults.AddRange(rule.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{path} lacks {name}"));
                    break;
                case "properties":
                    foreach (JsonProperty member in value.EnumerateObject().Where(member => rule.TryGetProperty(member.Name, out _)))
                    {
                        Seen.Add($"{path}.{member.Name}");
                        Check(rule.GetProperty(member.Name), member.Value, $"{path}.{member.Name}", faults);
                    }
                    break;
                case "additionalProperties":
                    Assert(rule.ValueKind == JsonValueKind.False, keyword);
                    JsonElement known = schema.GetProperty("properties");
                    faults.AddRange(value.EnumerateObject().Where(member => !known.TryGetProperty(member.Name, out _)).Select(member => $"{path} has {member.Name}, which is not documented"));
                    break;
                case "items":
                    foreach (JsonElement item in value.EnumerateArray())
                        Check(rule, item, $"{path}[]", faults);
                    break;
                case "enum" when rule.EnumerateArray().All(allowed => !JsonElement.DeepEquals(allowed, value)):
                    faults.Add($"{path} is {value.GetRawText()} and none of {rule.GetRawText()}");
                    break;
                case "minimum" when decimal.Parse(value.GetRawText(), CultureInfo.InvariantCulture) < rule.GetDecimal():
                    faults.Add($"{path} is {value.GetRawText()}, below {rule}");
                    break;
                case "maximum" when decimal.Parse(value.GetRawText(), CultureInfo.InvariantCulture) > rule.GetDecimal():
                    faults.Add($"{path} is {value.GetRawText()}, above {rule}");
                    break;
                default:
                    Assert(keyword.Name is "type" or "enum" or "minimum" or "maximum" || Annotations.AsSpan().Contains(keyword.Name), keyword);
                    break;
            }
        }
    }

    private void Collect(JsonElement schema, string path, HashSet<string> found)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
            Collect(Referred(reference), path, found);
        if (schema.TryGetProperty("items", out JsonElement items))
            Collect(items, $"{path}[]", found);
        if (!schema.TryGetProperty("properties", out JsonElement properties))
            return;
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            found.Add($"{path}.{property.Name}");
            Collect(property.Value, $"{path}.{property.Name}", found);
        }
    }

    private JsonElement Component(string name) => document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private JsonElement Referred(JsonElement reference)
    {
        const string Schemas = "#/components/schemas/";
        string path = reference.GetString()!;
        return path.StartsWith(Schemas, StringComparison.Ordinal) ? Component(path[Schemas.Length..]) : throw new NotSupportedException(path);
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E'),
        _ => throw new NotSupportedException($"type {type}"),
    };

    private static void Assert(bool condition, JsonProperty keyword)
    {
        if (!condition)
            throw new NotSupportedException($"this check does not know the keyword {keyword}");
    }
}
