using System;
using System.Text;
using Appliance.Metrics;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>Prometheus text format 0.0.4 and OpenMetrics 1.0.</summary>
public class ExpositionWriterTests
{
    private readonly ExpositionWriter _writer = new();

    public ExpositionWriterTests() => _writer.Begin(ExpositionFormat.PrometheusText);

    [Fact]
    public void AFamilyHasItsHelpAndTypeOnceAboveItsSamples()
    {
        _writer.Family(MetricType.Counter, "a_total"u8, "Help."u8);
        _writer.Label("device"u8, "eth0"u8).Label("cpu"u8, 3).Sample(7);
        _writer.Label("device"u8, "eth1"u8).Label("cpu"u8, -1).Sample(8);
        _writer.Family(MetricType.Gauge, "b"u8, "Other."u8);
        _writer.Sample(9);
        Assert.Equal(
            "# HELP a_total Help.\n# TYPE a_total counter\n"
            + "a_total{device=\"eth0\",cpu=\"3\"} 7\na_total{device=\"eth1\",cpu=\"-1\"} 8\n"
            + "# HELP b Other.\n# TYPE b gauge\nb 9\n",
            Finish());
    }

    [Fact]
    public void OpenMetricsNamesACounterWithoutItsSuffixAndEndsWithEof()
    {
        _writer.Begin(ExpositionFormat.OpenMetrics);
        _writer.Family(MetricType.Counter, "a_total"u8, "Help."u8);
        _writer.Sample(1);
        _writer.Family(MetricType.Counter, "b"u8, "Without the suffix."u8);
        _writer.Sample(2);
        _writer.Family(MetricType.Untyped, "c_total"u8, "No counter."u8);
        _writer.Sample(3);
        Assert.Equal(
            "# HELP a Help.\n# TYPE a counter\na_total 1\n"
            + "# HELP b Without the suffix.\n# TYPE b unknown\nb 2\n"
            + "# HELP c_total No counter.\n# TYPE c_total unknown\nc_total 3\n"
            + "# EOF\n",
            Finish());
    }

    [Fact]
    public void SuffixesMakeHistogramsAndSummaries()
    {
        _writer.Family(MetricType.Histogram, "h"u8, "H."u8);
        _writer.Suffix("_bucket"u8).Label("le"u8, "+Inf"u8).Sample(2);
        _writer.Suffix("_sum"u8).Sample(0.5);
        _writer.Family(MetricType.Summary, "s"u8, "S."u8);
        _writer.Label("quantile"u8, "0.5"u8).Sample(1);
        Assert.Equal(
            "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 0.5\n"
            + "# HELP s S.\n# TYPE s summary\ns{quantile=\"0.5\"} 1\n",
            Finish());
    }

    [Fact]
    public void AFamilyWithoutSamplesLeavesNoTrace()
    {
        _writer.Family(MetricType.Gauge, "a"u8, "A."u8);
        _writer.Family(MetricType.Gauge, "b"u8, "B."u8);
        _writer.Sample(1);
        _writer.Family(MetricType.Gauge, "c"u8, "C."u8);
        Assert.Equal("# HELP b B.\n# TYPE b gauge\nb 1\n", Finish());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RollingBackTakesBackHalfASampleToo(bool inMidSample)
    {
        _writer.Family(MetricType.Gauge, "a"u8, "A."u8);
        _writer.Sample(1);
        int mark = _writer.Mark();
        _writer.Family(MetricType.Gauge, "b"u8, "B."u8);
        if (inMidSample)
            _writer.Label("x"u8, "y"u8);
        _writer.RollBack(mark);
        _writer.Family(MetricType.Gauge, "c"u8, "C."u8);
        _writer.Sample(2);
        Assert.Equal("# HELP a A.\n# TYPE a gauge\na 1\n# HELP c C.\n# TYPE c gauge\nc 2\n", Finish());
    }

    [Theory]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\"b\"", "a\\\"b\\\"")]
    [InlineData("a\nb", "a\\nb")]
    [InlineData("\\\"\n", "\\\\\\\"\\n")]
    [InlineData("", "")]
    [InlineData("grün", "grün")]
    public void LabelValuesAreEscaped(string value, string written)
    {
        _writer.Family(MetricType.Gauge, "a"u8, "A."u8);
        _writer.Label("l"u8, Encoding.UTF8.GetBytes(value)).Sample(1);
        Assert.EndsWith($"\na{{l=\"{written}\"}} 1\n", Finish(), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotUtf8BecomesTheReplacementCharacter()
    {
        _writer.Family(MetricType.Gauge, "a"u8, "A."u8);
        _writer.Label("l"u8, [(byte)'x', 0xff, (byte)'"', 0xc3]).Sample(1);
        Assert.EndsWith("\na{l=\"x\ufffd\\\"\ufffd\"} 1\n", Finish(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExpositionFormat.PrometheusText, "a \\\\ \\n \"q\"")]
    [InlineData(ExpositionFormat.OpenMetrics, "a \\\\ \\n \\\"q\\\"")]
    internal void HelpIsEscapedAsTheFormatWants(ExpositionFormat format, string written)
    {
        _writer.Begin(format);
        _writer.Family(MetricType.Gauge, "a"u8, "a \\ \n \"q\""u8);
        _writer.Sample(1);
        Assert.StartsWith($"# HELP a {written}\n", Finish(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node_a-b.c d", "node_a_b_c_d")]
    [InlineData("0a", "_a")]
    [InlineData("a:b0", "a:b0")]
    [InlineData("ä", "__")]
    public void NamesAreMadeValid(string name, string written)
    {
        _writer.Family(MetricType.Gauge, Encoding.UTF8.GetBytes(name), "A."u8);
        _writer.Sample(1);
        Assert.EndsWith($"\n{written} 1\n", Finish(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.1, "0.1")]
    [InlineData(-12.5, "-12.5")]
    [InlineData(1e300, "1E+300")]
    [InlineData(5e-324, "5E-324")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void DoublesAreAsShortAsReadsBack(double value, string written) => Assert.Equal(written, Value(w => w.Sample(value)));

    [Fact]
    public void IntegersAreExact()
    {
        Assert.Equal("18446744073709551615", Value(w => w.Sample(ulong.MaxValue)));
        Assert.Equal("-9223372036854775808", Value(w => w.Sample(long.MinValue)));
    }

    [Theory]
    [InlineData(0, 2, "0.00")]
    [InlineData(7, 3, "0.007")]
    [InlineData(1234, 3, "1.234")]
    [InlineData(ulong.MaxValue, 2, "184467440737095516.15")]
    [InlineData(ulong.MaxValue, 9, "18446744073.709551615")]
    public void FractionsAreExact(ulong count, int decimals, string written) =>
        Assert.Equal(written, Value(w => w.Sample(count, decimals)));

    [Fact]
    public void ItGrowsWithWhatIsWrittenAndAllocatesNothingTheSecondTime()
    {
        WriteMuch();
        int length = _writer.Written.Length;
        Assert.True(length > 200_000);
        long least = long.MaxValue; // what the JIT allocates meanwhile is not the writer's
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            WriteMuch();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
        Assert.Equal(length, _writer.Written.Length);
    }

    private void WriteMuch()
    {
        _writer.Begin(ExpositionFormat.PrometheusText);
        _writer.Family(MetricType.Gauge, "some_metric_of_a_usual_length"u8, "A."u8);
        for (int i = 0; i < 3000; i++)
        {
            _writer.Label("device"u8, "eth0"u8).Label("number"u8, i).Sample(i / 3.0);
            _writer.Label("device"u8, "eth1"u8).Sample((ulong)i, 3);
        }
        _writer.End();
    }

    private string Value(Action<ExpositionWriter> write)
    {
        _writer.Begin(ExpositionFormat.PrometheusText);
        _writer.Family(MetricType.Gauge, "a"u8, "A."u8);
        write(_writer);
        return Finish().Split(" ")[^1].TrimEnd('\n');
    }

    private string Finish()
    {
        _writer.End();
        return Encoding.UTF8.GetString(_writer.Written.Span);
    }
}
