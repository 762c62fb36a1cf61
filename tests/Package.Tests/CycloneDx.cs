using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Package.Tests;

/// <summary>
/// What CycloneDX 1.5 (bom-1.5.schema.json, which allows no other members anywhere) says of the members that an SBOM of ours
/// has: which there have to be, which there may be, and what each may hold. Members that ours has no use for are not here.
/// </summary>
internal static class CycloneDx
{
    private const string Text = ".+";

    /// <summary>
    /// Members of each kind of object, "!" after those that are required, and what they hold: another kind, or the pattern of a
    /// text or number; "[]" after an array.
    /// </summary>
    private static readonly Dictionary<string, Dictionary<string, string>> Kinds = new()
    {
        ["#bom"] = new()
        {
            ["bomFormat!"] = "CycloneDX",
            ["specVersion!"] = "1\\.5",
            ["version"] = "[1-9][0-9]*",
            ["metadata"] = "#metadata",
            ["components"] = "#component[]",
            ["dependencies"] = "#dependency[]",
        },
        ["#metadata"] = new()
        {
            ["timestamp"] = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
            ["component"] = "#component",
            ["properties"] = "#property[]",
        },
        ["#component"] = new()
        {
            ["type!"] = "application|framework|library|container|platform|operating-system|device|device-driver|firmware|file",
            ["bom-ref"] = Text,
            ["author"] = Text,
            ["name!"] = Text,
            ["version"] = Text,
            ["hashes"] = "#hash[]",
            ["licenses"] = "#licence[]",
            ["purl"] = @"pkg:[a-z]+/[^?@]+@[^?@]+(\?[a-z]+=.+)?",
        },
        ["#hash"] = new()
        {
            ["alg!"] = "MD5|SHA-(1|256|384|512)|SHA3-(256|384|512)|BLAKE2b-(256|384|512)|BLAKE3",
            ["content!"] = "[a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128}",
        },
        ["#licence"] = new() { ["license"] = "#named licence", ["expression"] = Text },
        ["#named licence"] = new() { ["id!"] = "MIT|Apache-2\\.0|BSD-[23]-Clause" }, // of SPDX's list, what ours may be
        ["#property"] = new() { ["name"] = Text, ["value"] = "(?s).*" },
        ["#dependency"] = new() { ["ref!"] = Text, ["dependsOn"] = $"{Text}[]" },
    };

    /// <summary>What is wrong with a document, each with where.</summary>
    public static IEnumerable<string> Complaints(JsonElement document) => Complaints("$", document, "#bom");

    private static IEnumerable<string> Complaints(string at, JsonElement value, string wanted)
    {
        if (wanted.EndsWith("[]", StringComparison.Ordinal))
        {
            return value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().SelectMany((item, i) => Complaints($"{at}[{i}]", item, wanted[..^2]))
                : [$"{at} is no array"];
        }
        if (!wanted.StartsWith('#'))
            return Regex.IsMatch(value.ToString(), $@"\A(?:{wanted})\z") ? [] : [$"{at} is {value}"];
        if (value.ValueKind != JsonValueKind.Object)
            return [$"{at} is no object"];

        Dictionary<string, string> members = Kinds[wanted];
        string[] there = [.. value.EnumerateObject().Select(member => member.Name)];
        return there.Where(name => !members.ContainsKey(name) && !members.ContainsKey($"{name}!")).Select(name => $"{at}.{name} is unknown")
            .Concat(members.Keys.Where(name => name.EndsWith('!') && !there.Contains(name[..^1])).Select(name => $"{at}.{name[..^1]} is missing"))
            .Concat(there.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => $"{at}.{group.Key} is there twice"))
            .Concat(value.EnumerateObject().SelectMany(member =>
                members.TryGetValue(member.Name, out string? holds) || members.TryGetValue($"{member.Name}!", out holds)
                    ? Complaints($"{at}.{member.Name}", member.Value, holds)
                    : []));
    }
}
