using System.IO;
using Appliance.Metrics;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>The tests' own reader of expositions refuses what a scraper may refuse.</summary>
public class ExpositionTests
{
    private const string Gauge = "# HELP a A.\n# TYPE a gauge\n";
    private const string Counter = "# HELP a A.\n# TYPE a counter\n";

    [Theory]
    [InlineData(Gauge + "a 1")] // cut
    [InlineData(Gauge + "b 1\n")]
    [InlineData("a 1\n")]
    [InlineData("# TYPE a gauge\na 1\n")]
    [InlineData("# HELP a A.\n# TYPE a meter\na 1\n")]
    [InlineData("# HELP a A \\t.\n# TYPE a gauge\na 1\n")]
    [InlineData(Gauge + "a 1\n" + Gauge + "a{b=\"1\"} 1\n")] // in two parts
    [InlineData(Gauge + "a 1\n# HELP b B.\n# TYPE b gauge\nb 1\na{b=\"1\"} 1\n")]
    [InlineData(Gauge + "a 1\na 2\n")]
    [InlineData(Gauge + "a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 1\n")]
    [InlineData(Gauge + "a{b=\"1\",b=\"2\"} 1\n")]
    [InlineData(Gauge + "a{__name__=\"b\"} 1\n")]
    [InlineData(Gauge + "a{b=\"1\",} 1\n")]
    [InlineData(Gauge + "a{b=\"\\t\"} 1\n")]
    [InlineData(Gauge + "a{b=\"\"\"} 1\n")]
    [InlineData(Gauge + "a{b-c=\"\"} 1\n")]
    [InlineData(Gauge + "a 0x1\n")]
    [InlineData(Gauge + "a 1 1441205977284\n")]
    [InlineData("# HELP a A.\n# TYPE a summary\na_sum 1\n# HELP a_sum A.\n# TYPE a_sum gauge\na_sum{b=\"1\"} 1\n")]
    public void NeitherFormatMayHaveIt(string text)
    {
        Assert.Throws<InvalidDataException>(() => Exposition.Parse(text));
        Assert.Throws<InvalidDataException>(() => Exposition.Parse(text + "# EOF\n", ExpositionFormat.OpenMetrics));
    }

    [Theory]
    [InlineData(Gauge + "a 1\n")]
    [InlineData(Gauge + "a 1\n# EOF\n# EOF\n")]
    [InlineData(Gauge + "# EOF\na 1\n")]
    [InlineData(Counter + "a 1\n# EOF\n")]
    [InlineData(Counter + "a_total -1\n# EOF\n")]
    [InlineData(Counter + "a_total NaN\n# EOF\n")]
    [InlineData("# HELP a A.\n# TYPE a untyped\na 1\n# EOF\n")]
    [InlineData("# HELP a \"A\".\n# TYPE a gauge\na 1\n# EOF\n")]
    [InlineData(Gauge + "a 1\n# HELP a A.\n# TYPE a counter\na_total 1\n# EOF\n")]
    [InlineData(Counter + "a_total 1\n# HELP a_created A.\n# TYPE a_created gauge\na_created 1\n# EOF\n")]
    public void OpenMetricsMayNotHaveIt(string text) =>
        Assert.Throws<InvalidDataException>(() => Exposition.Parse(text, ExpositionFormat.OpenMetrics));

    [Fact]
    public void WhatBothMayHaveIsRead()
    {
        Exposition text = Exposition.Parse(Gauge + "a{c=\"\\\\\\n\\\"\",b=\"\"} -1.5E-3\na +Inf\n# HELP b_total \"B\"\n# TYPE b_total counter\nb_total NaN\n");
        Assert.Equal(-0.0015, text.Samples["a{b=\"\",c=\"\\\\\\n\\\"\"}"]);
        Assert.Equal((3, "counter"), (text.Samples.Count, text.Types["b_total"]));
        Exposition open = Exposition.Parse("# HELP b \\\"B\\\"\n# TYPE b counter\nb_total 7\n# EOF\n", ExpositionFormat.OpenMetrics);
        Assert.Equal((7, "counter"), (open.Samples["b_total"], open.Types["b"]));
    }
}
