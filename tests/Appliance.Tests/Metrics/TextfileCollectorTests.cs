using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Appliance.Metrics;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What is passed on of files that others write.</summary>
public sealed class TextfileCollectorTests : IDisposable
{
    private readonly TextfileFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SamplesArePassedOnWithTheirTypeAndHelp()
    {
        _folder.Put(
            "a.prom",
            "# a comment\n\n# HELP  pump_heat_celsius \t The \\\\ pump\\nis hot \"now\".\n#TYPE pump_heat_celsius gauge\n"
            + "pump_heat_celsius { place = \"a \\\"b\\\" \\\\ \\n }\", part=\"1\", } -4.25e1\r\npump_heat_celsius +Inf\npump:odd\tNaN\n");
        _folder.Put("b.txt", "not for us\n");
        File.SetLastWriteTimeUtc(_folder.Device.InRoot("var/metrics/a.prom"), DateTime.UnixEpoch.AddSeconds(1_700_000_000.9));
        Exposition answer = _folder.Device.Ask("textfile")!;
        Assert.Equal(
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["pump_heat_celsius{part=\"1\",place=\"a \\\"b\\\" \\\\ \\n }\"}"] = -42.5,
                ["pump_heat_celsius"] = double.PositiveInfinity,
                ["pump:odd"] = double.NaN,
                ["node_textfile_mtime_seconds{file=\"/var/metrics/a.prom\"}"] = 1_700_000_000,
                [TextfileFolder.Error] = 0,
            },
            new SortedDictionary<string, double>(answer.Samples, StringComparer.Ordinal));
        Assert.Equal(("gauge", "untyped"), (answer.Types["pump_heat_celsius"], answer.Types["pump:odd"]));
        Assert.Contains("# HELP pump_heat_celsius The \\\\ pump\\nis hot \"now\".\n", _folder.Text(ExpositionFormat.PrometheusText), StringComparison.Ordinal);
        Assert.Empty(_folder.Log);
    }

    [Fact]
    public void OpenMetricsGetsThemInItsOwnWriting()
    {
        _folder.Put(
            "a.prom",
            "# HELP pump_starts Starts of \"it\".\n# TYPE pump_starts counter\npump_starts{pump=\"1\"} 5\n"
            + "# HELP pump_stops_total Stops.\n# TYPE pump_stops_total counter\npump_stops_total 4\n"
            + "# TYPE pump_run_seconds histogram\npump_run_seconds_bucket{le=\"1\"} 2\npump_run_seconds_bucket{le=\"+Inf\"} 3\n"
            + "pump_run_seconds_sum 7.5\npump_run_seconds_count 3\npump_mood 1\n# TYPE pump_gap summary\n"
            + "pump_gap{quantile=\"0.5\"} 4\npump_gap_sum 9\npump_gap_count 2\n");
        string text = _folder.Text(ExpositionFormat.OpenMetrics);
        Assert.StartsWith(
            "# HELP pump_starts Starts of \\\"it\\\".\n# TYPE pump_starts unknown\npump_starts{pump=\"1\"} 5\n"
            + "# HELP pump_stops Stops.\n# TYPE pump_stops counter\npump_stops_total 4\n"
            + "# HELP pump_run_seconds Metric read from /var/metrics/a.prom\n# TYPE pump_run_seconds histogram\n"
            + "pump_run_seconds_bucket{le=\"1\"} 2\npump_run_seconds_bucket{le=\"+Inf\"} 3\n"
            + "pump_run_seconds_sum 7.5\npump_run_seconds_count 3\n"
            + "# HELP pump_mood Metric read from /var/metrics/a.prom\n# TYPE pump_mood unknown\npump_mood 1\n"
            + "# HELP pump_gap Metric read from /var/metrics/a.prom\n# TYPE pump_gap summary\n"
            + "pump_gap{quantile=\"0.5\"} 4\npump_gap_sum 9\npump_gap_count 2\n",
            text,
            StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AFamilyOfSeveralFilesStaysTogether()
    {
        _folder.Put("b.prom", TextfileFolder.Good.Replace("pump=\"1\"", "pump=\"2\"", StringComparison.Ordinal));
        _folder.Put("a.prom", TextfileFolder.Good + "other 1\n");
        _folder.Put("c.prom", "# TYPE pump_starts_total counter\npump_starts_total{pump=\"3\"} 6\n");
        Assert.Equal(3, _folder.Ask().Keys.Count(key => key.StartsWith("pump_starts_total{", StringComparison.Ordinal)));
        Assert.Equal(0, _folder.Ask()[TextfileFolder.Error]);
    }

    [Fact]
    public void AGaugeAndACounterOfOneNameAreBothPassedOnInEitherFormat()
    {
        _folder.Put("a.prom", "# TYPE jobs_total counter\njobs_total 7\n# TYPE jobs gauge\njobs 2\n");
        foreach (ExpositionFormat format in new[] { ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics })
        {
            string text = _folder.Text(format);
            Assert.Contains("\njobs_total 7\n", text, StringComparison.Ordinal);
            Assert.Contains("\njobs 2\n", text, StringComparison.Ordinal);
            Assert.Contains("\nnode_textfile_scrape_error 0\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FilesThatComeAndGoAreNoticed()
    {
        _folder.Put("a.prom", TextfileFolder.Good);
        Assert.Contains("pump_starts_total{pump=\"1\"}", _folder.Ask().Keys);
        _folder.Device.Remove("root/var/metrics/a.prom");
        Assert.Equal([TextfileFolder.Error], _folder.Ask().Keys);
        _folder.Put("a.prom", "");
        Assert.Equal(0, _folder.Ask()[TextfileFolder.Error]);
        Assert.Equal(2, _folder.Ask().Count);
    }

    [Fact]
    public void AScrapeOfFilesThatStayedAllocatesNoSamples()
    {
        StringBuilder text = new();
        for (int i = 0; i < 2000; i++)
            text.Append($"many{{number=\"{i}\"}} {i}\n");
        _folder.Put("a.prom", text.ToString());
        SourceFiles files = new(new Appliance.Status.StatusRoots(Root: _folder.Device.InRoot("")));
        TextfileCollector collector = new("/var/metrics", files, log: null);
        ExpositionWriter writer = new();
        long least = long.MaxValue;
        for (int round = 0; round < 40; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            writer.Begin(ExpositionFormat.PrometheusText);
            collector.Collect(writer);
            writer.End();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Contains("many{number=\"1999\"} 1999\n", Encoding.UTF8.GetString(writer.Written.Span), StringComparison.Ordinal);
        Assert.InRange(least, 0, 2048); // the name of the file for its time
    }
}
