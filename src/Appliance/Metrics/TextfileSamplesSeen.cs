using System;
using System.Collections.Generic;
using System.Text;

namespace Appliance.Metrics;

/// <summary>Which samples the files had so far. Of two with the same name and labels the first counts, as with node_exporter.</summary>
internal sealed class TextfileSamplesSeen
{
    private readonly Dictionary<string, Textfile> _owners = [];
    private readonly HashSet<string> _samples = [];

    /// <summary>Adds a sample.</summary>
    /// <returns>Null, or the file that has it already.</returns>
    public Textfile? Add(Textfile file, TextfileGroup group, TextfileSample sample)
    {
        // A histogram or summary is one thing: a second file does not add buckets to it.
        string bound = group.Type switch { MetricType.Histogram => "le", MetricType.Summary => "quantile", _ => "" };
        string whole = $"{group.Name} {Labels(sample, file.Text, without: bound)}";
        if (_owners.TryGetValue(whole, out Textfile? owner) && owner != file)
            return owner;
        _owners[whole] = file;
        string suffix = Encoding.ASCII.GetString(file.Text[sample.Suffix]);
        return _samples.Add($"{group.Name}{suffix} {Labels(sample, file.Text, without: "")}") ? null : file;
    }

    // In the order of their names; an empty one is the same as none.
    private static string Labels(TextfileSample sample, ReadOnlySpan<byte> text, string without)
    {
        List<string> labels = [];
        TextfileLabels reader = new(text[sample.Labels]);
        while (reader.TryRead(out ReadOnlySpan<byte> nameText, out ReadOnlySpan<byte> escaped))
        {
            string name = Encoding.ASCII.GetString(nameText);
            if (name != without && !escaped.IsEmpty)
                labels.Add($"{name}=\"{Encoding.UTF8.GetString(escaped)}\"");
        }
        labels.Sort(StringComparer.Ordinal);
        return string.Join(',', labels);
    }
}
