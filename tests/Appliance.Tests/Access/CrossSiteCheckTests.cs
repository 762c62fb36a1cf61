using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Threading.Tasks;
using Appliance.Access;
using Appliance.Settings;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Access;

/// <summary>What a request must say that changes something, on a table that has one.</summary>
[SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class CrossSiteCheckTests : IAsyncLifetime
{
    private const string Json = "application/json";

    private static readonly ApplianceSettings Settings = new()
    {
        Hosts = ["router.lan"],
        Users = UserRoles.None.With("admin", UserRole.Admin).With("vera", UserRole.Viewer),
    };

    private readonly ServedRoutes _routes = new(Settings, new Routes(Settings,
    [
        new("GET", "/api/thing", UserRole.Viewer, new Route(new HealthHandler())),
        new("POST", "/api/thing", UserRole.Operator, new Route(new HealthHandler())),
        new("DELETE", "/api/thing", UserRole.Operator, new Route(new HealthHandler())),
    ]));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _routes.DisposeAsync();

    [Theory]
    [InlineData("router.lan", "http://router.lan")]
    [InlineData("router.lan:80", "http://router.lan")]
    [InlineData("router.lan", "http://router.lan:80")]
    [InlineData("ROUTER.lan:8080", "http://router.LAN:8080")]
    [InlineData("192.168.1.1", "http://192.168.1.1")]
    [InlineData("[fd00::1]:8080", "http://[fd00::1]:8080")]
    public async Task APageOfTheDeviceMayChangeThings(string host, string origin) =>
        Assert.Equal("200 OK", await PostAsync(host, ("HTTP_ORIGIN", origin)));

    [Theory]
    [InlineData("https://router.lan", "HTTPS", "on", "200 OK")]
    [InlineData("https://router.lan:443", "REQUEST_SCHEME", "https", "200 OK")]
    [InlineData("http://router.lan", "HTTPS", "on", "403 Forbidden")]
    [InlineData("http://router.lan:443", "HTTPS", "on", "403 Forbidden")]
    [InlineData("https://router.lan:80", "HTTPS", "on", "403 Forbidden")]
    [InlineData("https://router.lan", "HTTPS", "off", "403 Forbidden")]
    [InlineData("https://router.lan", "REQUEST_SCHEME", "http", "403 Forbidden")]
    [InlineData("http://router.lan", "HTTPS", "", "200 OK")]
    public async Task TheSchemeBelongsToTheOrigin(string origin, string variable, string value, string status) =>
        Assert.Equal(status, await PostAsync("router.lan", ("HTTP_ORIGIN", origin), (variable, value)));

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("router.lan")]
    [InlineData("//router.lan")]
    [InlineData("http://")]
    [InlineData("http://evil.example")]
    [InlineData("http://router.lan.evil.example")]
    [InlineData("http://evil.example/router.lan")]
    [InlineData("http://router.lan:8080")]
    [InlineData("http://router.lan/")]
    [InlineData("http://router.lan@evil.example")]
    [InlineData("http://admin@router.lan")]
    [InlineData("http://192.168.1.1")]
    [InlineData("http://router.lan, http://evil.example")]
    [InlineData("http://router.lan http://evil.example")]
    [InlineData("chrome-extension://router.lan")]
    public async Task APageOfAnotherSiteMayNot(string origin)
    {
        FrontAnswer answer = await AskAsync("router.lan", Json, ("HTTP_ORIGIN", origin));
        Assert.Equal((403, $"Origin \"{origin}\": only this device's own pages may change something"), Problem(answer));
    }

    [Theory]
    [InlineData("same-origin", "200 OK")]
    [InlineData("none", "200 OK")]
    [InlineData("same-site", "403 Forbidden")]
    [InlineData("cross-site", "403 Forbidden")]
    [InlineData("", "403 Forbidden")]
    [InlineData("Same-Origin", "403 Forbidden")]
    [InlineData("same-origin, cross-site", "403 Forbidden")]
    [InlineData("cross-site, same-origin", "403 Forbidden")]
    public async Task WhereABrowserSaysWhichSiteItWasThatDecides(string site, string status)
    {
        Assert.Equal(status, await PostAsync("router.lan", ("HTTP_SEC_FETCH_SITE", site)));
        Assert.Equal(status, await PostAsync("router.lan", ("HTTP_SEC_FETCH_SITE", site), ("HTTP_ORIGIN", "http://router.lan")));
    }

    [Fact]
    public async Task WithoutEitherFieldNothingChangesAndAProgramIsToldWhatToSend()
    {
        FrontAnswer answer = await AskAsync("router.lan", Json, ("HTTP_REFERER", "http://router.lan/"));
        Assert.Equal((403, "what changes something needs an Origin field that names this device, or Sec-Fetch-Site"), Problem(answer));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json ;charset=utf-8")]
    [InlineData("application/merge-patch+json")]
    public async Task TheBodyIsJson(string type) => Assert.Equal("200 OK", await PostAsync("router.lan", type));

    /// <summary>Among them are the three that a form may send to any site without asking there first.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("text/plain; application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=application/json")]
    [InlineData("application/json, text/plain")]
    [InlineData("text/plain, application/json")]
    [InlineData("text/json")]
    [InlineData("application/jsonx")]
    [InlineData("application/+json")]
    [InlineData("application/x, y+json")]
    [InlineData("application/")]
    public async Task AnythingElseIsUnsupported(string type)
    {
        FrontAnswer answer = await AskAsync("router.lan", type, ("HTTP_SEC_FETCH_SITE", "same-origin"));
        Assert.Equal((415, $"Content-Type \"{type}\" is not application/json"), Problem(answer));
        Assert.Equal(Json, answer.Header("Accept"));
    }

    [Fact]
    public async Task EveryMethodButReadingIsHeldToThis()
    {
        Assert.Equal("403 Forbidden", (await _routes.AskAsAsync("admin", "DELETE", "/api/thing")).Header("Status"));
        Assert.Equal("200 OK", (await _routes.AskAsAsync("admin", "GET", "/api/thing", ("HTTP_SEC_FETCH_SITE", "cross-site"))).Header("Status"));
        Assert.Equal("200 OK", (await _routes.AskAsAsync("admin", "HEAD", "/api/thing", ("HTTP_ORIGIN", "null"))).Header("Status"));
    }

    [Fact]
    public async Task TheRoleIsAskedFirst()
    {
        FrontAnswer answer = await _routes.AskAsAsync("vera", "POST", "/api/thing", ("HTTP_ORIGIN", "http://evil.example"));
        Assert.Equal((403, "user \"vera\" has the role viewer; this needs operator"), Problem(answer));
        Assert.Equal("401 Unauthorized", (await _routes.AskAsAsync(null, "POST", "/api/thing")).Header("Status"));
    }

    private async Task<string?> PostAsync(string host, params (string, string)[] more) => (await AskAsync(host, Json, more)).Header("Status");

    private async Task<string?> PostAsync(string host, string contentType) =>
        (await AskAsync(host, contentType, ("HTTP_SEC_FETCH_SITE", "same-origin"))).Header("Status");

    private Task<FrontAnswer> AskAsync(string host, string contentType, params (string, string)[] more)
    {
        List<(string, string)> variables = [("HTTP_HOST", host), ("CONTENT_LENGTH", "0"), .. more];
        if (contentType.Length > 0)
            variables.Add(("CONTENT_TYPE", contentType));
        return _routes.AskAsAsync("admin", "POST", "/api/thing", [.. variables]);
    }

    private static (int Status, string Detail) Problem(FrontAnswer answer)
    {
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        using JsonDocument problem = JsonDocument.Parse(answer.Body);
        return (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("detail").GetString()!);
    }
}
