using System;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using Appliance.Settings;
using Appliance.Tests.Status;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class MetricsRouteTests : IAsyncLifetime, IDisposable
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly FixtureDevice _device = new();
    private readonly ServedRoutes _routes;

    public MetricsRouteTests() => _routes = new ServedRoutes(new ApplianceSettings { Roots = _device.Roots });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _routes.DisposeAsync();

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task MetricsOfTheDeviceBelowItsRoots()
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/metrics");
        Assert.Equal("200 OK", answer.Header("Status"));
        Assert.Equal(Text, answer.Header("Content-Type"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal("Accept", answer.Header("Vary"));
        Assert.Equal(Encoding.UTF8.GetByteCount(answer.Body).ToString(CultureInfo.InvariantCulture), answer.Header("Content-Length"));
        Assert.Equal(10.05, Exposition.Parse(answer.Body).Samples["node_load15"]);
    }

    [Theory]
    [InlineData("text/plain", Text)]
    [InlineData("*/*", Text)]
    [InlineData("text/html,*/*;q=0.8", Text)] // a browser
    [InlineData("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Text)]
    [InlineData("application/openmetrics-text", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5", Text)]
    [InlineData("text/plain;q=0,*/*", OpenMetrics)]
    // Prometheus 2.42 and 3.
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OpenMetrics)]
    public async Task TheFormatIsTheOneTheClientPrefers(string accept, string contentType)
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/metrics", accept);
        Assert.Equal(contentType, answer.Header("Content-Type"));
        Assert.Equal(contentType == OpenMetrics, answer.Body.EndsWith("\n# EOF\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain;version=1.0.0")]
    public async Task AFormatThatCannotBeSentIsNotAcceptable(string accept)
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/metrics", accept);
        Assert.Equal("406 Not Acceptable", answer.Header("Status"));
        Assert.Contains(
            "only text/plain; version=0.0.4 or application/openmetrics-text; version=1.0.0 can be sent",
            answer.Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyWhatIsAskedForIsCollected()
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/metrics", query: "collect%5B%5D=loadavg");
        Assert.Equal(5, Exposition.Parse(answer.Body).Samples.Count);
    }

    [Fact]
    public async Task AnUnknownCollectorIsRefusedAndTheKnownOnesListed()
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/metrics", query: "collect[]=loadavg2");
        Assert.Equal("400 Bad Request", answer.Header("Status"));
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Contains("loadavg2", answer.Body, StringComparison.Ordinal);
        Assert.Matches("known are .*loadavg", answer.Body);
    }

    [Fact]
    public async Task AScrapeSurvivesADeviceWithoutAnySource()
    {
        foreach ((string path, _) in FixtureDevice.RouterFiles)
            _device.Remove(path);
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/metrics");
        Assert.Equal("200 OK", answer.Header("Status"));
        Assert.Equal(0, Exposition.Parse(answer.Body).Samples["node_scrape_collector_success{collector=\"loadavg\"}"]);
    }
}
