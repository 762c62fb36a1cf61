using System;
using System.Collections.Generic;
using System.Text;

namespace Appliance.Metrics;

/// <summary>The samples of one family, whichever files they are in.</summary>
internal sealed class TextfileGroup(string name, MetricType? type)
{
    private byte[]? _help;

    public string Name => name;

    public byte[] NameText { get; } = Encoding.ASCII.GetBytes(name);

    public MetricType Type { get; } = type ?? MetricType.Untyped;

    public byte[] Help => _help ?? Parts[0].File.DefaultHelp;

    public List<(Textfile File, List<TextfileSample> Samples)> Parts { get; } = [];

    /// <summary>Whether it is one of those that are written after it.</summary>
    public bool IsReserved { get; } = name.StartsWith("node_textfile_", StringComparison.Ordinal)
        || name.StartsWith("node_scrape_collector_", StringComparison.Ordinal);

    /// <summary>Whether it was said that its name is taken.</summary>
    public bool IsTold { get; set; }

    /// <summary>Adds what one file has of the family.</summary>
    /// <param name="file">The file.</param>
    /// <param name="family">The family in it.</param>
    /// <param name="seen">The samples of all files so far.</param>
    /// <returns>Null, or why it was left out, or some of its samples were.</returns>
    public string? Add(Textfile file, TextfileFamily family, TextfileSamplesSeen seen)
    {
        if ((family.Type ?? MetricType.Untyped) != Type
            || (_help is not null && family.Help is not null && !family.Help.AsSpan().SequenceEqual(_help)))
        {
            return $"{name} has another type or help than in {Parts[0].File.Path}";
        }
        _help ??= family.Help;
        string? fault = null;
        List<TextfileSample> samples = [];
        foreach (TextfileSample sample in family.Samples)
        {
            if (seen.Add(file, this, sample) is Textfile owner)
                fault ??= $"{Excerpt.Of(name + sample.Describe(file.Text))} is in {owner.Path} before";
            else
                samples.Add(sample);
        }
        Parts.Add((file, samples));
        return fault;
    }
}
