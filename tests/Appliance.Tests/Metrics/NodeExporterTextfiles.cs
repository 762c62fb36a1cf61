using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;
using Xunit.Abstractions;

namespace Appliance.Tests.Metrics;

/// <summary>Of the folders that node_exporter tests its textfile collector with, the same is passed on, with the same types.</summary>
public sealed partial class NodeExporterTextfiles(ITestOutputHelper output)
{
    private const string Folder = "fixtures/textfile"; // where they lie for node_exporter, which shows in a label

    // Not its two folders at once: there is one here.
    [NodeExporterTheory]
    [InlineData("client_side_timestamp")]
    [InlineData("different_metric_types")]
    [InlineData("histogram")]
    [InlineData("histogram_extra_dimension")]
    [InlineData("inconsistent_metrics")]
    [InlineData("metrics_merge_different_help")]
    [InlineData("metrics_merge_empty_help")]
    [InlineData("metrics_merge_no_help")]
    [InlineData("metrics_merge_same_help")]
    [InlineData("no_metric_files")]
    [InlineData("nonexistent_path")]
    [InlineData("summary")]
    [InlineData("summary_extra_dimension")]
    [InlineData("two_metric_files")]
    public void SamplesAgree(string name)
    {
        using Scraped device = new(textfiles: $"{Folder}/{name}");
        string expectedText = "";
        foreach ((string path, byte[] content) in NodeExporterFixtures.ReadFiles())
        {
            if (path == $"textfile/{name}.out")
                expectedText = Encoding.UTF8.GetString(content);
            if (!path.StartsWith($"textfile/{name}/", StringComparison.Ordinal))
                continue;
            device.Put($"root/fixtures/{path}", Encoding.Latin1.GetString(content));
            File.SetLastWriteTimeUtc(device.InRoot($"fixtures/{path}"), DateTime.UnixEpoch.AddSeconds(1)); // as its test pretends
        }
        Exposition expected = Exposition.Parse(WithoutEmptyLabels(expectedText));
        HashSet<string> used = new SampleComparison("textfile", "", output).Run(expected, device.Ask("textfile")!);
        // Of these folders one has such a summary.
        Assert.Equal(name == "summary_extra_dimension" ? DeliberateDifferences.Of("textfile") : [], used);
    }

    /// <summary>Empty labels mean the same as none; node_exporter gives each sample of a family those that another has.</summary>
    private static string WithoutEmptyLabels(string text) =>
        EmptyLabel().Replace(text, "").Replace(",}", "}", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal);

    [GeneratedRegex("[a-z_]+=\"\",?")]
    private static partial Regex EmptyLabel();
}
