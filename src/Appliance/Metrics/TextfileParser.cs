using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>
/// Reads Prometheus text format 0.0.4, as programs write it for node_exporter's textfile collector;
/// prometheus.io/docs/instrumenting/exposition_formats.
/// </summary>
/// <remarks>
/// As strict as node_exporter: one bad line, or one with a time stamp, and nothing of the file is believed. A sample twice is not
/// looked for here: it can be in two files, <see cref="TextfileSamplesSeen"/>.
/// </remarks>
internal sealed class TextfileParser
{
    private readonly byte[] _text;
    private readonly List<TextfileFamily> _families = [];
    private readonly HashSet<string> _labels = []; // of one sample

    private TextfileParser(byte[] text) => _text = text;

    /// <summary>Reads a whole file.</summary>
    /// <param name="text">Its bytes; samples are parts of them.</param>
    /// <param name="families">What it has, in its order; a family can be without samples.</param>
    /// <returns>Null, or what is wrong and in which line.</returns>
    public static string? Parse(byte[] text, out List<TextfileFamily> families)
    {
        TextfileParser parser = new(text);
        families = parser._families;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (parser.ParseLine(line.Trim(" \t\r"u8)) is string fault)
                return string.Create(CultureInfo.InvariantCulture, $"line {lines.LineNumber}: {fault}: \"{Excerpt.Of(line)}\"");
        }
        return lines.IsCut ? "its last line has no end" : null;
    }

    private string? ParseLine(ReadOnlySpan<byte> line) =>
        line.IsEmpty ? null
        : !Utf8.IsValid(line) ? "not UTF-8"
        : line[0] == (byte)'#' ? ParseComment(line[1..])
        : ParseSample(line);

    private string? ParseComment(ReadOnlySpan<byte> line)
    {
        FieldReader fields = new(line);
        if (!fields.TryRead(out ReadOnlySpan<byte> keyword))
            return null;
        bool isHelp = keyword.SequenceEqual("HELP"u8);
        if (!isHelp && !keyword.SequenceEqual("TYPE"u8))
            return null;
        if (!fields.TryRead(out ReadOnlySpan<byte> name) || MetricName.LengthOfWord(name, allowsColon: true) != name.Length)
            return "no name of a metric";

        TextfileFamily family = Find(name) ?? Add(name);
        ReadOnlySpan<byte> rest = fields.Rest.TrimStart(" \t"u8);
        if (isHelp)
        {
            if (family.HasHelp)
                return "a second HELP";
            family.HasHelp = true;
            family.Help = rest.IsEmpty ? null : Unescape(rest);
            return null;
        }
        if (family.Type is not null || family.Samples.Count > 0)
            return "TYPE after a TYPE or a sample";
        family.Type = Encoding.ASCII.GetString(rest).ToLowerInvariant() switch
        {
            "counter" => MetricType.Counter,
            "gauge" => MetricType.Gauge,
            "histogram" => MetricType.Histogram,
            "summary" => MetricType.Summary,
            "untyped" => MetricType.Untyped,
            _ => null,
        };
        return family.Type is null ? "no type" : null;
    }

    private string? ParseSample(ReadOnlySpan<byte> line)
    {
        int length = MetricName.LengthOfWord(line, allowsColon: true);
        if (length == 0)
            return "no name of a metric";
        TextfileFamily family = FamilyOf(line[..length]);
        ReadOnlySpan<byte> suffix = line[family.Name.Length..length];
        ReadOnlySpan<byte> rest = line[length..].TrimStart(" \t"u8);
        ReadOnlySpan<byte> labelsText = default;
        bool hasBound = family.Type switch
        {
            MetricType.Histogram => !suffix.SequenceEqual("_bucket"u8) && !suffix.IsEmpty,
            MetricType.Summary => !suffix.IsEmpty,
            _ => true,
        };
        if (rest is [(byte)'{', ..])
        {
            labelsText = rest[1..];
            TextfileLabels labels = new(labelsText);
            _labels.Clear();
            while (labels.TryRead(out ReadOnlySpan<byte> label, out ReadOnlySpan<byte> escaped))
            {
                // Prometheus refuses a whole scrape for a label that is there twice, as __name__ is when it is written.
                if (label.StartsWith("__"u8))
                    return "a reserved label";
                if (!_labels.Add(Encoding.ASCII.GetString(label)))
                    return "a label twice";
                bool isBound = (family.Type == MetricType.Histogram && label.SequenceEqual("le"u8))
                    || (family.Type == MetricType.Summary && label.SequenceEqual("quantile"u8));
                if (isBound && !TryParseValue(escaped, out _))
                    return "a bound that is no number";
                hasBound |= isBound && !(family.Type == MetricType.Histogram && suffix.IsEmpty);
            }
            if (!labels.IsAtEnd)
                return "no label";
            rest = labels.Rest;
            labelsText = labelsText[..^rest.Length];
        }
        if (!hasBound)
            return "no sample of a histogram or summary";

        FieldReader fields = new(rest);
        if (!fields.TryRead(out ReadOnlySpan<byte> number) || !TryParseValue(number, out double value))
            return "no value";
        if (fields.TryRead(out _))
            return "a time stamp, which cannot be passed on";
        family.Samples.Add(new TextfileSample(RangeOf(suffix), RangeOf(labelsText), value));
        return null;
    }

    /// <summary>The family of that name, or the histogram or summary that has such a sample; a new one without a type otherwise.</summary>
    private TextfileFamily FamilyOf(ReadOnlySpan<byte> sample)
    {
        if (Find(sample) is TextfileFamily family)
            return family;
        int underscore = sample.LastIndexOf((byte)'_');
        ReadOnlySpan<byte> suffix = underscore > 0 ? sample[underscore..] : default;
        bool isBucket = suffix.SequenceEqual("_bucket"u8);
        if ((isBucket || suffix.SequenceEqual("_sum"u8) || suffix.SequenceEqual("_count"u8))
            && Find(sample[..underscore]) is { Type: MetricType.Histogram or MetricType.Summary } distribution
            && !(isBucket && distribution.Type == MetricType.Summary))
        {
            return distribution;
        }
        return Add(sample);
    }

    private Range RangeOf(ReadOnlySpan<byte> part) =>
        _text.AsSpan().Overlaps(part, out int start) ? start..(start + part.Length) : default;

    private TextfileFamily? Find(ReadOnlySpan<byte> name)
    {
        // From the end: samples follow each other.
        for (int i = _families.Count - 1; i >= 0; i--)
        {
            if (name.SequenceEqual(_families[i].Name))
                return _families[i];
        }
        return null;
    }

    private TextfileFamily Add(ReadOnlySpan<byte> name)
    {
        TextfileFamily family = new(name.ToArray());
        _families.Add(family);
        return family;
    }

    private static bool TryParseValue(ReadOnlySpan<byte> text, out double value)
    {
        ReadOnlySpan<byte> digits = text.TrimStart("+-"u8);
        if (Ascii.EqualsIgnoreCase(digits, "inf"u8) && text.Length - digits.Length <= 1)
        {
            value = text[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        return double.TryParse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
    }

    // In HELP only \\ and \n have a meaning.
    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        List<byte> plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isEscape = text[i] == (byte)'\\' && i + 1 < text.Length && text[i + 1] is (byte)'\\' or (byte)'n';
            plain.Add(isEscape && text[++i] == (byte)'n' ? (byte)'\n' : text[i]);
        }
        return [.. plain];
    }
}
