using System;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Threading.Tasks;
using Appliance.Settings;
using Xunit;

namespace Appliance.Tests.Access;

/// <summary>By which names the device answers, through the table.</summary>
[SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class HostCheckTests : IAsyncLifetime
{
    private readonly ServedRoutes _routes = new(new ApplianceSettings { Hosts = ["router.lan", "NAS.example.org"] });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _routes.DisposeAsync();

    [Theory]
    [InlineData("192.168.1.1")]
    [InlineData("10.0.0.1:8080")]
    [InlineData("[fd00::1]:443")]
    [InlineData("localhost")]
    [InlineData("LocalHost:8080")]
    [InlineData("router.lan")]
    [InlineData("ROUTER.LAN:80")]
    [InlineData("nas.example.org")]
    public async Task ItAnswersByItsAddressesAndItsNames(string host) => Assert.Equal(
        "200 OK",
        (await _routes.AskAsAsync(null, "GET", "/api/health", ("HTTP_HOST", host))).Header("Status"));

    [Theory]
    [InlineData("evil.example")]
    [InlineData("router.lan.evil.example")]
    [InlineData("evil.router.lan")]
    [InlineData("router.lan.")]
    [InlineData("xrouter.lan")]
    [InlineData("router")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("127.1")]
    [InlineData("router.lan, evil.example")]
    [InlineData("router.lan, router.lan")]
    [InlineData("router.lan:80:80")]
    [InlineData("router.lan\n")]
    public async Task ByAnyOtherItAnswersNothingWhoeverAsks(string host)
    {
        foreach (string? user in new[] { null, "stranger", "admin" })
        {
            foreach (string path in new[] { "/api/health", "/api/status", "/api/nothing" })
            {
                FrontAnswer answer = await _routes.AskAsAsync(user, "GET", path, ("HTTP_HOST", host));
                Assert.Equal("421 Misdirected Request", answer.Header("Status"));
                Assert.Equal($"Host \"{host}\" is neither an address, nor localhost, nor a name in the settings (Access:Hosts)", Detail(answer));
            }
        }
    }

    [Fact]
    public async Task WithoutAHostFieldItAnswersNothing() => Assert.Equal(
        "there is no Host field",
        Detail(await _routes.AskAsAsync("admin", "GET", "/api/status", ("HTTP_HOST", ""))));

    [Fact]
    public async Task AnotherVariableDoesNotStandInForTheHostField() => Assert.Equal(
        "421 Misdirected Request",
        (await _routes.AskAsAsync("admin", "GET", "/api/status", ("HTTP_HOST", "evil.example"), ("HTTP_X_FORWARDED_HOST", "router.lan"),
            ("SERVER_NAME", "router.lan"), ("HTTP_FORWARDED", "host=router.lan"))).Header("Status"));

    [Fact]
    public async Task AHostSentTwiceIsNoName() => Assert.Equal(
        "Host \"router.lan, router.lan\" is neither an address, nor localhost, nor a name in the settings (Access:Hosts)",
        Detail(await _routes.AskAsAsync("admin", "GET", "/api/status", ("HTTP_HOST", "router.lan"), ("HTTP_HOST", "router.lan"))));

    [Fact]
    public async Task ALongHostIsCutInTheAnswer()
    {
        FrontAnswer answer = await _routes.AskAsAsync(null, "GET", "/api/health", ("HTTP_HOST", new string('x', 50_000)));
        Assert.Contains("xxx…\"", Detail(answer), StringComparison.Ordinal);
        Assert.InRange(answer.Body.Length, 100, 1000);
    }

    private static string Detail(FrontAnswer answer)
    {
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        using JsonDocument problem = JsonDocument.Parse(answer.Body);
        return problem.RootElement.GetProperty("detail").GetString()!;
    }
}
