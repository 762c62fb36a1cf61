using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using Appliance.Metrics;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed partial class TextfileCollectorTests : IDisposable
{
    private const string Error = "node_textfile_scrape_error";
    private const string Good = "# HELP pump_starts_total Starts.\n# TYPE pump_starts_total counter\npump_starts_total{pump=\"1\"} 5\n";

    private readonly List<string> _log = [];
    private readonly Scraped _device;

    public TextfileCollectorTests() => _device = new Scraped(textfiles: "/var/metrics", log: new ListLog(_log));

    public void Dispose() => _device.Dispose();

    [Fact]
    public void SamplesArePassedOnWithTheirTypeAndHelp()
    {
        Put(
            "a.prom",
            "# a comment\n\n# HELP  pump_heat_celsius \t The \\\\ pump\\nis hot \"now\".\n#TYPE pump_heat_celsius gauge\n"
            + "pump_heat_celsius { place = \"a \\\"b\\\" \\\\ \\n }\", part=\"1\", } -4.25e1\r\npump_heat_celsius +Inf\npump:odd\tNaN\n");
        Put("b.txt", "not for us\n");
        File.SetLastWriteTimeUtc(_device.InRoot("var/metrics/a.prom"), DateTime.UnixEpoch.AddSeconds(1_700_000_000.9));
        Exposition answer = _device.Ask("textfile")!;
        Assert.Equal(
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["pump_heat_celsius{part=\"1\",place=\"a \\\"b\\\" \\\\ \\n }\"}"] = -42.5,
                ["pump_heat_celsius"] = double.PositiveInfinity,
                ["pump:odd"] = double.NaN,
                ["node_textfile_mtime_seconds{file=\"/var/metrics/a.prom\"}"] = 1_700_000_000,
                [Error] = 0,
            },
            new SortedDictionary<string, double>(answer.Samples, StringComparer.Ordinal));
        Assert.Equal(("gauge", "untyped"), (answer.Types["pump_heat_celsius"], answer.Types["pump:odd"]));
        Assert.Contains("# HELP pump_heat_celsius The \\\\ pump\\nis hot \"now\".\n", Text(ExpositionFormat.PrometheusText), StringComparison.Ordinal);
        Assert.Empty(_log);
    }

    [Fact]
    public void OpenMetricsGetsThemInItsOwnWriting()
    {
        Put(
            "a.prom",
            "# HELP pump_starts Starts of \"it\".\n# TYPE pump_starts counter\npump_starts{pump=\"1\"} 5\n"
            + "# HELP pump_stops_total Stops.\n# TYPE pump_stops_total counter\npump_stops_total 4\n"
            + "# TYPE pump_run_seconds histogram\npump_run_seconds_bucket{le=\"1\"} 2\npump_run_seconds_bucket{le=\"+Inf\"} 3\n"
            + "pump_run_seconds_sum 7.5\npump_run_seconds_count 3\npump_mood 1\n# TYPE pump_gap summary\n"
            + "pump_gap{quantile=\"0.5\"} 4\npump_gap_sum 9\npump_gap_count 2\n");
        string text = Text(ExpositionFormat.OpenMetrics);
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

    [Theory]
    [InlineData("x 1\ny\n", "line 2: no value: \"y\"")]
    [InlineData("x one\n", "line 1: no value: \"x one\"")]
    [InlineData("x ++Inf\n", "line 1: no value: \"x ++Inf\"")]
    [InlineData("x 1 1441205977284\n", "line 1: a time stamp, which cannot be passed on: \"x 1 1441205977284\"")]
    [InlineData("1x 1\n", "line 1: no name of a metric: \"1x 1\"")]
    [InlineData("x-y 1\n", "line 1: no value: \"x-y 1\"")]
    [InlineData("x{a=\"1\" 1\n", "line 1: no label: \"x{a=\"1\" 1\"")]
    [InlineData("x{a=\"1} 1\n", "line 1: no label: \"x{a=\"1} 1\"")]
    [InlineData("x{a=\"\\t\"} 1\n", "line 1: no label: \"x{a=\"\\t\"} 1\"")]
    [InlineData("x{a=1} 1\n", "line 1: no label: \"x{a=1} 1\"")]
    [InlineData("x{a:b=\"1\"} 1\n", "line 1: no label: \"x{a:b=\"1\"} 1\"")]
    [InlineData("x{a=\"1\"b=\"2\"} 1\n", "line 1: no label: \"x{a=\"1\"b=\"2\"} 1\"")]
    [InlineData("x{a=\"1\",,} 1\n", "line 1: no label: \"x{a=\"1\",,} 1\"")]
    [InlineData("x{a=\"\u00ff\"} 1\n", "line 1: not UTF-8: \"x{a=\"\ufffd\"} 1\"")]
    [InlineData("# TYPE x meter\n", "line 1: no type: \"# TYPE x meter\"")]
    [InlineData("# TYPE x-y gauge\n", "line 1: no name of a metric: \"# TYPE x-y gauge\"")]
    [InlineData("# TYPE x gauge\n# TYPE x gauge\n", "line 2: TYPE after a TYPE or a sample: \"# TYPE x gauge\"")]
    [InlineData("x 1\n# TYPE x gauge\n", "line 2: TYPE after a TYPE or a sample: \"# TYPE x gauge\"")]
    [InlineData("# HELP x a\n# HELP x a\n", "line 2: a second HELP: \"# HELP x a\"")]
    [InlineData("# TYPE x histogram\nx 1\n", "line 2: no sample of a histogram or summary: \"x 1\"")]
    [InlineData("# TYPE x histogram\nx_bucket 1\n", "line 2: no sample of a histogram or summary: \"x_bucket 1\"")]
    [InlineData("# TYPE x summary\nx 1\n", "line 2: no sample of a histogram or summary: \"x 1\"")]
    [InlineData("x{a=\"1\",b=\"2\",a=\"3\"} 1\n", "line 1: a label twice: \"x{a=\"1\",b=\"2\",a=\"3\"} 1\"")]
    [InlineData("x{__name__=\"y\"} 1\n", "line 1: a reserved label: \"x{__name__=\"y\"} 1\"")]
    [InlineData("x{__a=\"1\"} 1\n", "line 1: a reserved label: \"x{__a=\"1\"} 1\"")]
    [InlineData("# TYPE x histogram\nx_bucket{le=\"a\"} 1\n", "line 2: a bound that is no number: \"x_bucket{le=\"a\"} 1\"")]
    [InlineData("# TYPE x summary\nx{quantile=\"\"} 1\n", "line 2: a bound that is no number: \"x{quantile=\"\"} 1\"")]
    [InlineData("x 1\ny 2", "its last line has no end")]
    public void ABrokenFileIsReportedAndLeavesTheOthersAlone(string text, string fault)
    {
        Put("bad.prom", text);
        Put("good.prom", Good);
        for (int scrape = 0; scrape < 2; scrape++)
        {
            Assert.Equal(
                ["node_textfile_mtime_seconds{file=\"/var/metrics/good.prom\"}", Error, "pump_starts_total{pump=\"1\"}"],
                _device.Ask("textfile")!.Samples.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(1, Ask()[Error]);
        }
        Assert.Equal([$"textfile /var/metrics/bad.prom: {fault}; left out"], _log);

        Put("bad.prom", "x 1\n");
        Assert.Equal(0, Ask()[Error]);
        Assert.Equal(1, Ask()["x"]);
    }

    [Fact]
    public void AFamilyOfSeveralFilesStaysTogether()
    {
        Put("b.prom", Good.Replace("pump=\"1\"", "pump=\"2\"", StringComparison.Ordinal));
        Put("a.prom", Good + "other 1\n");
        Put("c.prom", "# TYPE pump_starts_total counter\npump_starts_total{pump=\"3\"} 6\n");
        Assert.Equal(3, Ask().Keys.Count(key => key.StartsWith("pump_starts_total{", StringComparison.Ordinal)));
        Assert.Equal(0, Ask()[Error]);
    }

    [Theory]
    [InlineData("# TYPE pump_starts_total gauge\npump_starts_total{pump=\"2\"} 5\n")]
    [InlineData("# HELP pump_starts_total Something else.\n# TYPE pump_starts_total counter\npump_starts_total{pump=\"2\"} 5\n")]
    public void OfFilesThatContradictEachOtherTheFirstCounts(string text)
    {
        Put("b.prom", text + "other 1\n");
        Put("a.prom", Good);
        Dictionary<string, double> samples = Ask();
        Assert.Contains("pump_starts_total{pump=\"1\"}", samples.Keys);
        Assert.DoesNotContain("pump_starts_total{pump=\"2\"}", samples.Keys);
        Assert.Equal((1, 1), (samples["other"], samples[Error]));
        Assert.Equal(["textfile /var/metrics/b.prom: pump_starts_total has another type or help than in /var/metrics/a.prom; left out"], _log);
    }

    [Theory]
    [InlineData("node_load1")]
    [InlineData("node_textfile_scrape_error")]
    [InlineData("node_scrape_collector_success")]
    [InlineData("node_forks")] // node_forks_total is a counter of that name in OpenMetrics
    public void TheNamesOfOurOwnMetricsAreTaken(string name)
    {
        Put("a.prom", $"{name} 77\nnode_reboot_required 1\n");
        foreach (ExpositionFormat format in new[] { ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics })
        {
            string text = _device.Text("", format);
            Assert.DoesNotContain(" 77\n", text, StringComparison.Ordinal);
            Assert.Contains("\nnode_reboot_required 1\n", text, StringComparison.Ordinal);
        }
        Assert.Equal(1, _device.AskAll().Samples[Error]);
        Assert.Equal([$"textfile /var/metrics/a.prom: {name} has the name of one of our own metrics; left out"], _log);
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
        Put("b.prom", second);
        Put("a.prom", first);
        Dictionary<string, double> samples = Ask();
        Assert.Equal(1, samples[Error]);
        Assert.Equal(
            passedOn,
            samples.Where(sample => sample.Key.StartsWith('x') || sample.Key == "y").Select(sample => $"{sample.Key} {sample.Value}")
                .Order(StringComparer.Ordinal));
        Assert.Equal(faults.Split(';').Select(fault => $"textfile /var/metrics/{fault}; left out"), _log);
    }

    [Fact]
    public void AGaugeAndACounterOfOneNameAreBothPassedOnInEitherFormat()
    {
        Put("a.prom", "# TYPE jobs_total counter\njobs_total 7\n# TYPE jobs gauge\njobs 2\n");
        foreach (ExpositionFormat format in new[] { ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics })
        {
            string text = Text(format);
            Assert.Contains("\njobs_total 7\n", text, StringComparison.Ordinal);
            Assert.Contains("\njobs 2\n", text, StringComparison.Ordinal);
            Assert.Contains("\nnode_textfile_scrape_error 0\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FilesThatComeAndGoAreNoticed()
    {
        Put("a.prom", Good);
        Assert.Contains("pump_starts_total{pump=\"1\"}", Ask().Keys);
        _device.Remove("root/var/metrics/a.prom");
        Assert.Equal([Error], Ask().Keys);
        Put("a.prom", "");
        Assert.Equal(0, Ask()[Error]);
        Assert.Equal(2, Ask().Count);
    }

    [Fact]
    public void AFolderThatIsMissingIsReportedOnceUntilItIsThere()
    {
        Assert.Equal(1, Ask()[Error]);
        Assert.Equal(1, Ask()[Error]);
        Assert.Equal(["textfile /var/metrics: cannot be listed; left out"], _log);
        Put("a.prom", Good);
        Assert.Equal(0, Ask()[Error]);
    }

    [Fact]
    public void WithoutAFolderThereIsNothingToReport()
    {
        using Scraped device = new();
        Assert.Equal(new Dictionary<string, double> { [Error] = 0 }, device.Ask("textfile")!.Samples);
    }

    [Fact]
    public async Task ANamedPipeDoesNotHangTheScrape()
    {
        Put("good.prom", Good);
        Assert.Equal(0, MakeNamedPipe(_device.InRoot("var/metrics/pipe.prom"), 0x180)); // rw for the owner
        Dictionary<string, double> samples = await Task.Run(Ask).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, samples[Error]);
        Assert.Contains("pump_starts_total{pump=\"1\"}", samples.Keys);
    }

    [Fact]
    public void NoTextMakesItThrowOrLeaveTheFormat()
    {
        const string Text = "# HELP a_b Help \\\\ me.\n# TYPE a_b histogram\na_b_bucket{z=\"longer\",le=\"+Inf\"} 4\na_b_sum{z=\"longer\"} 1e3\nc 7\n";
        Random random = new(Text.Length);
        for (int round = 0; round < 500; round++)
        {
            StringBuilder damaged = new(Text);
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                damaged[random.Next(damaged.Length)] = " \n\t:-09x{}\",\\=_#\u00ff\0"[random.Next(18)];
            Put("a.prom", damaged.ToString());
            Exposition answer = _device.Ask("textfile")!; // parsing it is the assertion
            Assert.Contains(Error, answer.Samples.Keys);
        }
    }

    [Fact]
    public void AScrapeOfFilesThatStayedAllocatesNoSamples()
    {
        StringBuilder text = new();
        for (int i = 0; i < 2000; i++)
            text.Append($"many{{number=\"{i}\"}} {i}\n");
        Put("a.prom", text.ToString());
        SourceFiles files = new(new Appliance.Status.StatusRoots(Root: _device.InRoot("")));
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

    private void Put(string file, string text) => _device.Put($"root/var/metrics/{file}", text);

    private Dictionary<string, double> Ask() => _device.Ask("textfile")!.Samples;

    private string Text(ExpositionFormat format) => _device.Text("collect[]=textfile", format);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeNamedPipe(string path, int mode);

    private sealed class ListLog(List<string> lines) : IServerLog
    {
        public bool IsEnabled(ServerLogLevel level) => true;

        public void Write(ServerLogLevel level, string message) => lines.Add(message);
    }
}
