using System;
using System.Collections.Generic;
using System.Linq;
using Appliance.Metrics;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>Textfiles that contradict each other, repeat a sample, or have the name of a metric of ours.</summary>
public sealed class TextfileContradictionTests : IDisposable
{
    private readonly TextfileFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("# TYPE pump_starts_total gauge\npump_starts_total{pump=\"2\"} 5\n")]
    [InlineData("# HELP pump_starts_total Something else.\n# TYPE pump_starts_total counter\npump_starts_total{pump=\"2\"} 5\n")]
    public void OfFilesThatContradictEachOtherTheFirstCounts(string text)
    {
        _folder.Put("b.prom", text + "other 1\n");
        _folder.Put("a.prom", TextfileFolder.Good);
        Dictionary<string, double> samples = _folder.Ask();
        Assert.Contains("pump_starts_total{pump=\"1\"}", samples.Keys);
        Assert.DoesNotContain("pump_starts_total{pump=\"2\"}", samples.Keys);
        Assert.Equal((1, 1), (samples["other"], samples[TextfileFolder.Error]));
        Assert.Equal(["textfile /var/metrics/b.prom: pump_starts_total has another type or help than in /var/metrics/a.prom; left out"], _folder.Log);
    }

    [Theory]
    [InlineData("node_load1")]
    [InlineData("node_textfile_scrape_error")]
    [InlineData("node_scrape_collector_success")]
    [InlineData("node_forks")] // node_forks_total is a counter of that name in OpenMetrics
    public void TheNamesOfOurOwnMetricsAreTaken(string name)
    {
        _folder.Put("a.prom", $"{name} 77\nnode_reboot_required 1\n");
        foreach (ExpositionFormat format in new[] { ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics })
        {
            string text = _folder.Device.Text("", format);
            Assert.DoesNotContain(" 77\n", text, StringComparison.Ordinal);
            Assert.Contains("\nnode_reboot_required 1\n", text, StringComparison.Ordinal);
        }
        Assert.Equal(1, _folder.Device.AskAll().Samples[TextfileFolder.Error]);
        Assert.Equal([$"textfile /var/metrics/a.prom: {name} has the name of one of our own metrics; left out"], _folder.Log);
    }

    /// <summary>Texts of two files, what is passed on of both, and why the rest is not.</summary>
    public static TheoryData<string, string, string[], string> Repetitions { get; } = new()
    {
        { "x 1\nx 2\ny 3\n", "", ["x 1", "y 3"], "a.prom: x is in /var/metrics/a.prom before" },
        { "x{a=\"1\"} 1\n", "x{a=\"1\"} 2\nx{a=\"2\"} 3\n", ["x{a=\"1\"} 1", "x{a=\"2\"} 3"], "b.prom: x{a=\"1\"} is in /var/metrics/a.prom before" },
        { "x{a=\"1\",b=\"2\"} 1\n", "x{b=\"2\", a=\"1\"} 2\n", ["x{a=\"1\",b=\"2\"} 1"], "b.prom: x{b=\"2\", a=\"1\"} is in /var/metrics/a.prom before" },
        { "x 1\n", "x{a=\"\"} 2\n", ["x 1"], "b.prom: x{a=\"\"} is in /var/metrics/a.prom before" },
        {
            "# TYPE x histogram\nx_bucket{le=\"1\"} 1\nx_bucket{le=\"+Inf\"} 2\nx_bucket{le=\"1\"} 3\nx_count 2\n",
            "# TYPE x histogram\nx_bucket{le=\"5\"} 7\n",
            ["x_bucket{le=\"+Inf\"} 2", "x_bucket{le=\"1\"} 1", "x_count 2"],
            "a.prom: x_bucket{le=\"1\"} is in /var/metrics/a.prom before;b.prom: x_bucket{le=\"5\"} is in /var/metrics/a.prom before"
        },
        {
            "# TYPE x summary\nx{quantile=\"0.5\"} 1\nx_sum 2\n",
            "x_sum{a=\"1\"} 3\n",
            ["x_sum 2", "x{quantile=\"0.5\"} 1"],
            "b.prom: x_sum has the name of samples of x in /var/metrics/a.prom"
        },
    };

    [Theory]
    [MemberData(nameof(Repetitions))]
    public void OfASampleThatIsThereTwiceTheFirstCounts(string first, string second, string[] passedOn, string faults)
    {
        _folder.Put("b.prom", second);
        _folder.Put("a.prom", first);
        Dictionary<string, double> samples = _folder.Ask();
        Assert.Equal(1, samples[TextfileFolder.Error]);
        Assert.Equal(
            passedOn,
            samples.Where(sample => sample.Key.StartsWith('x') || sample.Key == "y").Select(sample => $"{sample.Key} {sample.Value}")
                .Order(StringComparer.Ordinal));
        Assert.Equal(faults.Split(';').Select(fault => $"textfile /var/metrics/{fault}; left out"), _folder.Log);
    }
}
