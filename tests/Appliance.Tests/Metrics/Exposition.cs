using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Appliance.Metrics;

namespace Appliance.Tests.Metrics;

/// <summary>An exposition read back: each family's type, each sample's value by its name and sorted labels.</summary>
/// <remarks>
/// Reads Prometheus text format 0.0.4 and OpenMetrics 1.0 as ours and node_exporter's are written: HELP, TYPE, then the samples of
/// a family, and nothing else. Strictly: what any scraper may refuse is an <see cref="InvalidDataException"/>.
/// </remarks>
internal sealed partial class Exposition
{
    private readonly ExpositionFormat _format;
    private readonly HashSet<string> _names = []; // of families and all samples they may have
    private string _family = "";
    private string[] _suffixes = [];

    private Exposition(ExpositionFormat format) => _format = format;

    /// <summary>Family → type.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary><c>name{a="x",b="y"}</c> → value, labels in the order of their names, values still escaped.</summary>
    public Dictionary<string, double> Samples { get; } = [];

    private bool IsOpenMetrics => _format == ExpositionFormat.OpenMetrics;

    public static Exposition Parse(string text, ExpositionFormat format = ExpositionFormat.PrometheusText)
    {
        Exposition exposition = new(format);
        string end = exposition.IsOpenMetrics ? "# EOF\n" : "";
        if (!$"\n{text}".EndsWith($"\n{end}", StringComparison.Ordinal))
            throw new InvalidDataException("the last line has no end, or is not the one it should be");
        string helped = "";
        foreach (string line in text[..^end.Length].Split('\n')[..^1])
        {
            string[] words = line.Split(' ', 4);
            if (line.StartsWith("# HELP ", StringComparison.Ordinal) && words.Length == 4)
                helped = exposition.IsHelp(words[3]) ? words[2] : throw new InvalidDataException($"a help with a wrong escape: {line}");
            else if (!line.StartsWith('#'))
                exposition.AddSample(line);
            else if (words.Length != 4 || words[1] != "TYPE" || words[2] != helped)
                throw new InvalidDataException($"not where it belongs: {line}");
            else
                exposition.AddFamily(words[2], words[3]);
        }
        return exposition;
    }

    /// <summary>The name of a sample's key.</summary>
    public static string Name(string key) => key.Split('{')[0];

    private bool IsHelp(string help) => (IsOpenMetrics ? OpenMetricsHelp() : TextHelp()).IsMatch(help);

    private void AddFamily(string name, string type)
    {
        _family = name;
        _suffixes = (type, _format) switch
        {
            ("counter", ExpositionFormat.OpenMetrics) => ["_total"],
            ("unknown", ExpositionFormat.OpenMetrics) or ("untyped", ExpositionFormat.PrometheusText) or ("gauge" or "counter", _) => [""],
            ("histogram", _) => ["_bucket", "_sum", "_count"],
            ("summary", _) => ["", "_sum", "_count"],
            _ => throw new InvalidDataException($"no type: {type} of {name}"),
        };
        // OpenMetrics §4.4: no family has the name of another's sample.
        string[] more = IsOpenMetrics && type is "counter" or "histogram" or "summary" ? ["", "_created"] : [""];
        if (!Types.TryAdd(name, type) || !_suffixes.Union(more).All(suffix => _names.Add(name + suffix)))
            throw new InvalidDataException($"the name of another family or its samples: {name}");
    }

    private void AddSample(string line)
    {
        Match match = Sample().Match(line);
        if (!match.Success)
            throw new InvalidDataException($"no sample: {line}");
        string name = match.Groups["name"].Value;
        if (!_suffixes.Contains(name.StartsWith(_family, StringComparison.Ordinal) ? name[_family.Length..] : null))
            throw new InvalidDataException($"not of the family {_family}: {line}");

        SortedDictionary<string, string> labels = new(StringComparer.Ordinal);
        foreach ((Capture label, Capture value) in match.Groups["label"].Captures.Zip(match.Groups["value"].Captures))
        {
            if (label.Value.StartsWith("__", StringComparison.Ordinal) || !labels.TryAdd(label.Value, value.Value))
                throw new InvalidDataException($"a label twice, or reserved: {line}");
        }
        string key = labels.Count == 0 ? name : $"{name}{{{string.Join(',', labels.Select(label => $"{label.Key}=\"{label.Value}\""))}}}";
        string text = match.Groups["number"].Value;
        double number = double.Parse(text.Replace("Inf", "Infinity", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (IsOpenMetrics && Types[_family] == "counter" && !(number >= 0))
            throw new InvalidDataException($"a counter below 0: {line}");
        if (!Samples.TryAdd(key, number))
            throw new InvalidDataException($"a second time: {line}");
    }

    [GeneratedRegex(
        "^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
        + "({(?<label>[a-zA-Z_][a-zA-Z0-9_]*)=\"(?<value>([^\\\\\"]|\\\\[\\\\\"n])*)\""
        + "(,(?<label>[a-zA-Z_][a-zA-Z0-9_]*)=\"(?<value>([^\\\\\"]|\\\\[\\\\\"n])*)\")*})?"
        + " (?<number>[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?|[+-]Inf|NaN)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();

    [GeneratedRegex("^([^\\\\]|\\\\[\\\\n])*$")]
    private static partial Regex TextHelp();

    [GeneratedRegex("^([^\\\\\"]|\\\\[\\\\\"n])*$")]
    private static partial Regex OpenMetricsHelp();
}
