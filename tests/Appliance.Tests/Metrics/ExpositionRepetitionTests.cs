using System;
using System.Text;
using Appliance.Metrics;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What is written a second time, which scrapers would refuse the whole answer for.</summary>
public class ExpositionRepetitionTests
{
    private readonly ExpositionWriter _writer = new();

    public ExpositionRepetitionTests() => _writer.Begin(ExpositionFormat.PrometheusText);

    [Theory]
    [InlineData(ExpositionFormat.PrometheusText, "# TYPE jobs gauge\njobs 1\n# HELP jobs_total B.\n# TYPE jobs_total counter\njobs_total 2\n")]
    [InlineData(ExpositionFormat.OpenMetrics, "# TYPE jobs gauge\njobs 1\n# HELP jobs_total B.\n# TYPE jobs_total unknown\njobs_total 2\n# EOF\n")]
    internal void ACounterWhoseFamilyWouldBeAnothersKeepsItsSamples(ExpositionFormat format, string written)
    {
        _writer.Begin(format);
        Write(MetricType.Gauge, "jobs", 1);
        Write(MetricType.Counter, "jobs_total", 2);
        Assert.False(_writer.HasRepeatedFamily);
        Assert.EndsWith(written, Finish(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MetricType.Gauge, "a", MetricType.Gauge, "a")]
    [InlineData(MetricType.Gauge, "a", MetricType.Untyped, "a")]
    [InlineData(MetricType.Counter, "a_total", MetricType.Gauge, "a")] // two of a name in OpenMetrics
    [InlineData(MetricType.Counter, "a_total", MetricType.Gauge, "a_total")]
    [InlineData(MetricType.Gauge, "a_total", MetricType.Counter, "a_total")]
    [InlineData(MetricType.Counter, "a_total", MetricType.Counter, "a_total")]
    [InlineData(MetricType.Gauge, "a b", MetricType.Gauge, "a.b")]
    internal void AFamilyASecondTimeIsNoticedInEitherFormatUntilItIsTakenBack(MetricType first, string name, MetricType second, string again)
    {
        foreach (ExpositionFormat format in new[] { ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics })
        {
            _writer.Begin(format);
            Write(first, name, 1);
            Write(MetricType.Gauge, "between", 1);
            Assert.False(_writer.HasRepeatedFamily);
            int mark = _writer.Mark();
            for (int round = 0; round < 2; round++)
            {
                Write(second, again, 2);
                Write(MetricType.Gauge, "behind", 2);
                Assert.True(_writer.HasRepeatedFamily);
                _writer.RollBack(mark);
                Assert.False(_writer.HasRepeatedFamily);
            }
            Write(MetricType.Gauge, "behind", 2);
            Assert.False(_writer.HasRepeatedFamily);
        }
    }

    [Fact]
    public void OfASampleThatIsWrittenTwiceTheFirstCounts()
    {
        _writer.Family(MetricType.Gauge, "a"u8, "A."u8);
        _writer.Label("l"u8, "x"u8).Sample(1);
        _writer.Sample(2);
        _writer.Label("l"u8, "x"u8).Sample(3);
        _writer.Label("l"u8, [0xff]).Sample(4UL);
        _writer.Label("l"u8, [0xfe]).Sample(5UL); // the same character of replacement
        _writer.Sample(6, decimals: 2);
        Assert.Equal("# HELP a A.\n# TYPE a gauge\na{l=\"x\"} 1\na 2\na{l=\"\ufffd\"} 4\n", Finish());
    }

    [Fact]
    public void ARepetitionIsNoticedAmongThousandsOfSamplesAndNotAfterItWasTakenBack()
    {
        const int Count = 5000;
        _writer.Family(MetricType.Gauge, "a"u8, "A."u8);
        WriteNumbers(0, Count);
        int mark = _writer.Mark();
        for (int round = 0; round < 3; round++)
        {
            WriteNumbers(0, Count);
            Assert.Equal(mark, _writer.Written.Length);
            WriteNumbers(Count, 2 * Count);
            Assert.Equal(2 * Count, _writer.Written.Span.Count("\na{"u8));
            _writer.RollBack(mark);
        }

        void WriteNumbers(int from, int to)
        {
            for (int i = from; i < to; i++)
                _writer.Label("number"u8, i).Sample(i);
        }
    }

    [Fact]
    public void AnEmptyFamilyASecondTimeIsNoRepetition()
    {
        _writer.Family(MetricType.Counter, "a_total"u8, "A."u8);
        _writer.Family(MetricType.Counter, "a_total"u8, "A."u8);
        _writer.Sample(1);
        _writer.Family(MetricType.Counter, "a_total"u8, "A."u8);
        _writer.Mark();
        Assert.False(_writer.HasRepeatedFamily);
    }

    [Fact]
    public void ASampleOfAHistogramThatAnotherFamilyHasIsNotWritten()
    {
        _writer.Family(MetricType.Gauge, "h_count"u8, "C."u8);
        _writer.Sample(1);
        _writer.Family(MetricType.Histogram, "h"u8, "H."u8);
        _writer.Suffix("_count"u8).Sample(2);
        _writer.Suffix("_sum"u8).Sample(0.5);
        _writer.Family(MetricType.Gauge, "h_sum"u8, "S."u8);
        _writer.Sample(3);
        Assert.Equal(
            "# HELP h_count C.\n# TYPE h_count gauge\nh_count 1\n# HELP h H.\n# TYPE h histogram\nh_sum 0.5\n# HELP h_sum S.\n# TYPE h_sum gauge\n",
            Finish());
    }

    private void Write(MetricType type, string name, int value)
    {
        _writer.Family(type, Encoding.ASCII.GetBytes(name), "B."u8);
        _writer.Sample(value);
    }

    private string Finish()
    {
        _writer.End();
        return Encoding.UTF8.GetString(_writer.Written.Span);
    }
}
