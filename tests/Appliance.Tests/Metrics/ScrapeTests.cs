using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Appliance.Metrics;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Metrics;

public class ScrapeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly List<string> _log = [];

    [Fact]
    public void ACollectorThatFailsInTheMiddleLeavesNoSamples()
    {
        string text = Run(Good("one"), Named("two", writer =>
        {
            writer.Family(MetricType.Gauge, "half"u8, "Half."u8);
            writer.Sample(1);
            writer.Label("x"u8, "y"u8);
            return false;
        }), Good("three"));
        Assert.DoesNotContain("half", text, StringComparison.Ordinal);
        Assert.Contains("\none 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nthree 1\n", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "node_scrape_collector_success{collector=\"one\"} 1\n"
            + "node_scrape_collector_success{collector=\"two\"} 0\n"
            + "node_scrape_collector_success{collector=\"three\"} 1\n",
            text,
            StringComparison.Ordinal);
        Assert.Empty(_log);
    }

    [Fact]
    public void ACollectorThatRepeatsAnothersFamilyLeavesNoSamples()
    {
        string text = Run(Good("one"), Named("two", writer =>
        {
            writer.Family(MetricType.Gauge, "half"u8, "Half."u8);
            writer.Sample(1);
            writer.Family(MetricType.Gauge, "one"u8, "Again."u8);
            writer.Label("x"u8, "y"u8).Sample(2);
            return true;
        }));
        Assert.StartsWith("# HELP one One.\n# TYPE one gauge\none 1\n# HELP node_scrape_collector_duration_seconds", text, StringComparison.Ordinal);
        Assert.EndsWith("{collector=\"one\"} 1\nnode_scrape_collector_success{collector=\"two\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownCollectorIsNotQuotedWhole()
    {
        RequestRefusedException refusal = Assert.Throws<RequestRefusedException>(
            () => CollectorSelection.Parse(Encoding.ASCII.GetBytes("collect[]=" + new string('x', 5000)), [Good("one")]));
        Assert.Equal($"there is no collector \"{new string('x', 200)}…\"; known are one", refusal.Message);
    }

    [Fact]
    public void ACollectorThatThrowsFailsAloneAndIsLoggedOnceUntilItRecovers()
    {
        bool throws = true;
        Scrape scrape = new([Good("one"), Named("two", _ => throws ? throw new InvalidOperationException("sensor") : true)], Long, Log());
        string text = Run(scrape);
        Run(scrape);
        Assert.Contains("\none 1\n", text, StringComparison.Ordinal);
        Assert.Contains("{collector=\"two\"} 0\n", text, StringComparison.Ordinal);
        Assert.Equal(["collector two failed: InvalidOperationException: sensor"], _log);

        throws = false;
        Assert.Contains("{collector=\"two\"} 1\n", Run(scrape), StringComparison.Ordinal);
        throws = true;
        Run(scrape);
        Assert.Equal(2, _log.Count);
    }

    [Fact]
    public void EveryCollectorHasADuration()
    {
        string text = Run(Good("one"), Good("two"));
        Assert.Matches("\nnode_scrape_collector_duration_seconds{collector=\"one\"} [0-9.E-]+\n", text);
        Assert.Matches("\nnode_scrape_collector_duration_seconds{collector=\"two\"} [0-9.E-]+\n", text);
    }

    [Fact]
    public void ACollectorThatHangsIsLeftOutUntilItReturns()
    {
        using ManualResetEventSlim isBack = new();
        int asked = 0;
        Scrape scrape = new(
            [
                Good("one"),
                Named("two", writer =>
                {
                    writer.Family(MetricType.Gauge, "half"u8, "Half."u8);
                    writer.Sample(1);
                    if (Interlocked.Increment(ref asked) == 1)
                        isBack.Wait();
                    writer.Family(MetricType.Gauge, "whole"u8, "Whole."u8);
                    writer.Sample(1);
                    return true;
                }),
                Good("three"),
            ],
            TimeSpan.FromSeconds(2), // far more than the others take
            Log());
        for (int round = 0; round < 3; round++)
        {
            string text = Run(scrape);
            Assert.DoesNotContain("half", text, StringComparison.Ordinal);
            Assert.Contains("\none 1\n", text, StringComparison.Ordinal);
            Assert.Contains("\nthree 1\n", text, StringComparison.Ordinal);
            Assert.Contains("success{collector=\"two\"} 0\n", text, StringComparison.Ordinal);
        }
        Assert.Equal(1, asked);
        Assert.Equal(["collector two hangs; it is left out until it returns"], _log);

        isBack.Set();
        string last = "";
        Assert.True(SpinWait.SpinUntil(() => (last = Run(scrape)).Contains("success{collector=\"two\"} 1\n", StringComparison.Ordinal), Deadline));
        Assert.Contains("\nhalf 1\n", last, StringComparison.Ordinal);
        Assert.Contains("\nwhole 1\n", last, StringComparison.Ordinal);
    }

    [Fact]
    public void FilesAreClosedWhenTheLastCollectorThatReadsThemHasReturned()
    {
        using ManualResetEventSlim isBack = new(), runs = new();
        int closed = 0;
        Scrape scrape = new([Named("one", _ =>
        {
            runs.Set();
            isBack.Wait();
            return true;
        })], Long, Log());
        Thread scraping = new(() => Run(scrape));
        scraping.Start();
        Assert.True(runs.Wait(Deadline));
        scrape.Retire(() => closed++);
        Assert.Equal(0, closed);
        isBack.Set();
        Assert.True(scraping.Join(Deadline));
        Assert.Equal(1, closed);
    }

    [Theory]
    [InlineData("", "one two three")]
    [InlineData("other=1", "one two three")]
    [InlineData("collect[]=two", "two")]
    [InlineData("collect%5B%5D=three&collect[]=one", "one three")]
    [InlineData("exclude[]=two", "one three")]
    [InlineData("exclude[]=two&exclude[]=one&x=y", "three")]
    public void TheQuerySelects(string query, string expected)
    {
        Collectors.Entry[] table = [Good("one"), Good("two"), Good("three")];
        CollectorSelection selection = CollectorSelection.Parse(Encoding.ASCII.GetBytes(query), table);
        List<string> selected = [];
        for (int i = 0; i < table.Length; i++)
        {
            if (selection.Includes(i))
                selected.Add(table[i].Name);
        }
        Assert.Equal(expected, string.Join(' ', selected));
    }

    [Theory]
    [InlineData("collect[]=cpv", "there is no collector \"cpv\"; known are one, two")]
    [InlineData("exclude[]=", "there is no collector \"\"; known are one, two")]
    [InlineData("collect[]=one&exclude[]=two", "collect[] and exclude[] cannot both be given")]
    public void AnImpossibleSelectionIsRefused(string query, string detail)
    {
        Collectors.Entry[] table = [Good("one"), Good("two")];
        RequestRefusedException refusal = Assert.Throws<RequestRefusedException>(
            () => CollectorSelection.Parse(Encoding.ASCII.GetBytes(query), table));
        Assert.Equal(400, refusal.StatusCode);
        Assert.Equal(detail, refusal.Message);
    }

    private string Run(params Collectors.Entry[] table) => Run(new Scrape(table, Long, Log()));

    private static string Run(Scrape scrape)
    {
        ExpositionWriter writer = new();
        writer = scrape.Run(writer, ExpositionFormat.PrometheusText, default);
        return Encoding.UTF8.GetString(writer.Written.Span);
    }

    private ListLog Log() => new(_log);

    private static Collectors.Entry Good(string name) => Named(name, writer =>
    {
        writer.Family(MetricType.Gauge, Encoding.ASCII.GetBytes(name), "One."u8);
        writer.Sample(1);
        return true;
    });

    private static Collectors.Entry Named(string name, Func<ExpositionWriter, bool> collect) =>
        new(name, new DelegateCollector(collect));

    private sealed class DelegateCollector(Func<ExpositionWriter, bool> collect) : ICollector
    {
        public bool Collect(ExpositionWriter writer) => collect(writer);
    }
}
