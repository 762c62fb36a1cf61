using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Appliance.Tests.Metrics;

/// <summary>An exposition read back: each family's type, each sample's value by its name and sorted labels.</summary>
/// <remarks>Reads Prometheus text format 0.0.4, strictly: what a scraper would refuse is an <see cref="InvalidDataException"/>.</remarks>
internal sealed class Exposition
{
    /// <summary>Family → type.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary><c>name{a="x",b="y"}</c> → value, labels in the order of their names, values still escaped.</summary>
    public Dictionary<string, double> Samples { get; } = [];

    public static Exposition Parse(string text)
    {
        Exposition exposition = new();
        HashSet<string> helped = [];
        string family = "";
        foreach (string line in text.Split('\n')[..^1])
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                if (!helped.Add(family))
                    throw new InvalidDataException($"a second time: {line}");
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                if (words[2] != family || !exposition.Types.TryAdd(family, words[3]))
                    throw new InvalidDataException($"not where it belongs: {line}");
            }
            else
            {
                exposition.AddSample(line, family);
            }
        }
        if (text.Length > 0 && text[^1] != '\n')
            throw new InvalidDataException("the last line has no end");
        return exposition;
    }

    /// <summary>The name of a sample's key.</summary>
    public static string Name(string key) => key.Split('{')[0];

    private void AddSample(string line, string family)
    {
        int at = line.IndexOfAny(['{', ' ']);
        string name = line[..at];
        string[] suffixes = Types.GetValueOrDefault(family) is "histogram" or "summary" ? ["", "_bucket", "_sum", "_count"] : [""];
        if (!Array.Exists(suffixes, suffix => name == family + suffix))
            throw new InvalidDataException($"not of the family {family}: {line}");

        SortedDictionary<string, string> labels = new(StringComparer.Ordinal);
        if (line[at] == '{')
            at = ReadLabels(line, at + 1, labels);
        StringBuilder key = new(name);
        if (labels.Count > 0)
        {
            key.Append('{');
            foreach ((string label, string value) in labels)
                key.Append(key[^1] == '{' ? "" : ",").Append(label).Append("=\"").Append(value).Append('"');
            key.Append('}');
        }
        string number = line[(at + 1)..] switch { "+Inf" => "Infinity", "-Inf" => "-Infinity", string other => other };
        if (!Samples.TryAdd(key.ToString(), double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture)))
            throw new InvalidDataException($"a second time: {line}");
    }

    private static int ReadLabels(string line, int at, SortedDictionary<string, string> labels)
    {
        while (line[at] != '}')
        {
            int quote = line.IndexOf("=\"", at, StringComparison.Ordinal) + 2;
            int end = quote;
            while (line[end] != '"')
                end += line[end] == '\\' ? 2 : 1;
            labels.Add(line[at..(quote - 2)], line[quote..end]);
            at = line[end + 1] == ',' ? end + 2 : end + 1;
        }
        return at + 1;
    }
}
