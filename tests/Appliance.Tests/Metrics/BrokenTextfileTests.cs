using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>Textfiles that cannot be passed on, and folders that cannot be read.</summary>
public sealed partial class BrokenTextfileTests : IDisposable
{
    private readonly TextfileFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
        _folder.Put("bad.prom", text);
        _folder.Put("good.prom", TextfileFolder.Good);
        for (int scrape = 0; scrape < 2; scrape++)
        {
            Assert.Equal(
                ["node_textfile_mtime_seconds{file=\"/var/metrics/good.prom\"}", TextfileFolder.Error, "pump_starts_total{pump=\"1\"}"],
                _folder.Device.Ask("textfile")!.Samples.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(1, _folder.Ask()[TextfileFolder.Error]);
        }
        Assert.Equal([$"textfile /var/metrics/bad.prom: {fault}; left out"], _folder.Log);

        _folder.Put("bad.prom", "x 1\n");
        Assert.Equal(0, _folder.Ask()[TextfileFolder.Error]);
        Assert.Equal(1, _folder.Ask()["x"]);
    }

    [Fact]
    public void AFolderThatIsMissingIsReportedOnceUntilItIsThere()
    {
        Assert.Equal(1, _folder.Ask()[TextfileFolder.Error]);
        Assert.Equal(1, _folder.Ask()[TextfileFolder.Error]);
        Assert.Equal(["textfile /var/metrics: cannot be listed; left out"], _folder.Log);
        _folder.Put("a.prom", TextfileFolder.Good);
        Assert.Equal(0, _folder.Ask()[TextfileFolder.Error]);
    }

    [Fact]
    public void WithoutAFolderThereIsNothingToReport()
    {
        using Scraped device = new();
        Assert.Equal(new Dictionary<string, double> { [TextfileFolder.Error] = 0 }, device.Ask("textfile")!.Samples);
    }

    [Fact]
    public async Task ANamedPipeDoesNotHangTheScrape()
    {
        _folder.Put("good.prom", TextfileFolder.Good);
        Assert.Equal(0, MakeNamedPipe(_folder.Device.InRoot("var/metrics/pipe.prom"), 0x180)); // rw for the owner
        Dictionary<string, double> samples = await Task.Run(_folder.Ask).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, samples[TextfileFolder.Error]);
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
            _folder.Put("a.prom", damaged.ToString());
            Exposition answer = _folder.Device.Ask("textfile")!; // parsing it is the assertion
            Assert.Contains(TextfileFolder.Error, answer.Samples.Keys);
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeNamedPipe(string path, int mode);
}
