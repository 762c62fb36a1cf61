using System;
using System.Collections.Generic;
using System.Text;

namespace Appliance.Metrics;

/// <summary>A family of samples in a file of another program; see <see cref="TextfileParser"/>.</summary>
internal sealed class TextfileFamily(byte[] name)
{
    public byte[] Name => name;

    /// <summary>Null when the file has none, or an empty one.</summary>
    public byte[]? Help { get; set; }

    public bool HasHelp { get; set; }

    /// <summary>Null when the file does not say it.</summary>
    public MetricType? Type { get; set; }

    public List<TextfileSample> Samples { get; } = [];
}

/// <summary>One sample, as parts of its file's text.</summary>
/// <param name="Suffix">What its name has beyond the family's, such as _bucket.</param>
/// <param name="Labels">As <see cref="TextfileLabels"/> reads them; empty when it has none.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct TextfileSample(Range Suffix, Range Labels, double Value)
{
    /// <summary>What its line has behind the family's name, without the value.</summary>
    public string Describe(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text[Suffix]) + (text[Labels].IsEmpty ? "" : "{" + Encoding.UTF8.GetString(text[Labels]));

    public void Write(ReadOnlySpan<byte> text, ExpositionWriter writer)
    {
        writer.Suffix(text[Suffix]);
        TextfileLabels labels = new(text[Labels]);
        while (labels.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> escaped))
            writer.EscapedLabel(name, escaped);
        writer.Sample(Value);
    }
}
