using System;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Threading.Tasks;
using Appliance.Access;
using Appliance.Settings;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Access;

/// <summary>Who gets in, on a table that has a route for each role.</summary>
[SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class AuthorizationTests : IAsyncLifetime
{
    private static readonly ApplianceSettings Settings = new()
    {
        Realm = "attic",
        Users = UserRoles.None
            .With("scraper", UserRole.Metrics).With("vera", UserRole.Viewer).With("otto", UserRole.Operator).With("anna", UserRole.Admin),
    };

    private readonly ServedRoutes _routes = new(Settings, new Routes(Settings,
    [
        Line("GET", "/api/public", UserRole.Anyone),
        Line("GET", "/api/numbers", UserRole.Metrics),
        Line("GET", "/api/reading", UserRole.Viewer),
        Line("GET", "/api/doing", UserRole.Operator),
        Line("GET", "/api/all", UserRole.Admin),
        Line("GET", "/api/mixed", UserRole.Viewer),
        Line("PUT", "/api/mixed", UserRole.Admin),
    ]));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _routes.DisposeAsync();

    [Theory]
    [InlineData("/api/public", "", "stranger", "scraper", "vera", "otto", "anna")]
    [InlineData("/api/numbers", "scraper", "vera", "otto", "anna")]
    [InlineData("/api/reading", "vera", "otto", "anna")]
    [InlineData("/api/doing", "otto", "anna")]
    [InlineData("/api/all", "anna")]
    public async Task EachRouteAnswersItsRoleAndThoseThatIncludeItAndNobodyElse(string path, params string[] admitted)
    {
        foreach (string user in new[] { "", "stranger", "scraper", "vera", "otto", "anna" })
        {
            foreach (string method in new[] { "GET", "HEAD" })
            {
                string expected = Array.IndexOf(admitted, user) >= 0 ? "200 OK" : user == "" ? "401 Unauthorized" : "403 Forbidden";
                Assert.Equal((user, method, expected), (user, method, (await _routes.AskAsAsync(user, method, path)).Header("Status")));
            }
        }
    }

    [Fact]
    public async Task WithoutALoginTheAnswerIsAChallengeWithTheRealmOfTheSettings()
    {
        FrontAnswer answer = await _routes.AskAsAsync(null, "GET", "/api/all");
        Assert.Equal("Basic realm=\"attic\", charset=\"UTF-8\"", answer.Header("WWW-Authenticate"));
        Assert.Equal((401, "this needs a login"), Problem(answer));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task AUserIsToldWhichRoleIsMissing()
    {
        Assert.Equal(
            (403, "user \"vera\" has the role viewer; this needs admin"),
            Problem(await _routes.AskAsAsync("vera", "GET", "/api/all")));
        Assert.Equal(
            (403, "user \"stranger\" has no role in the settings (Access:Users)"),
            Problem(await _routes.AskAsAsync("stranger", "GET", "/api/all")));
    }

    [Theory]
    [InlineData("Anna")]
    [InlineData("ann")]
    [InlineData("annas")]
    [InlineData("anna ")]
    [InlineData(" anna")]
    [InlineData("anna\0")]
    [InlineData("anna,vera")]
    public async Task ANameThatIsNotExactlyAUsersHasNoRole(string name) =>
        Assert.Equal(403, Problem(await _routes.AskAsAsync(name, "GET", "/api/reading")).Status);

    [Fact]
    public async Task WithoutUsersInTheSettingsOnlyPublicRoutesAnswer()
    {
        await using var routes = new ServedRoutes(new ApplianceSettings(), new Routes(new ApplianceSettings()));
        foreach (string user in new[] { "admin", "root", "appliance", "operator" })
        {
            Assert.Equal("403 Forbidden", (await routes.AskAsAsync(user, "GET", "/api/status")).Header("Status"));
            Assert.Equal("200 OK", (await routes.AskAsAsync(user, "GET", "/api/health")).Header("Status"));
        }
    }

    [Theory]
    [InlineData("HTTP_REMOTE_USER")]
    [InlineData("HTTP_X_REMOTE_USER")]
    [InlineData("HTTP_X_FORWARDED_USER")]
    [InlineData("HTTP_AUTHORIZATION")]
    [InlineData("remote_user")]
    [InlineData("REMOTE_IDENT")]
    [InlineData("REDIRECT_REMOTE_USER")]
    [InlineData("LOGON_USER")]
    [InlineData("AUTH_TYPE")]
    public async Task NoOtherVariableLogsIn(string variable) => Assert.Equal(
        "401 Unauthorized",
        (await _routes.AskAsAsync(null, "GET", "/api/numbers", (variable, "anna"))).Header("Status"));

    /// <summary>nginx passes on as REMOTE_USER what a client has written, unless it was told to ask for a password.</summary>
    [Fact]
    public async Task AUserOfWhomTheFrontDoesNotSayHowItAskedHasNotLoggedIn()
    {
        foreach ((string, string)[] more in new (string, string)[][] { [], [("AUTH_TYPE", "")], [("HTTP_AUTH_TYPE", "Basic")] })
        {
            FrontAnswer answer = await _routes.AskAsAsync(null, "GET", "/api/numbers", [("REMOTE_USER", "anna"), .. more]);
            Assert.Equal((401, "this needs a login; the web server passes on a user without AUTH_TYPE, so it has not checked it"), Problem(answer));
            Assert.Equal("Basic realm=\"attic\", charset=\"UTF-8\"", answer.Header("WWW-Authenticate"));
        }
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/api/all/")]
    [InlineData("/api/all\u00ff")]
    [InlineData("//api/all")]
    [InlineData("/API/all")]
    [InlineData("/api/public/../all")]
    [InlineData("/api/public/")]
    [InlineData("/api/public?")]
    [InlineData("/")]
    [InlineData("")]
    public async Task WhichPathsThereAreIsNotSaidWithoutARole(string path)
    {
        foreach (string method in new[] { "GET", "PUT", "NONSENSE" })
        {
            Assert.Equal("401 Unauthorized", (await _routes.AskAsAsync(null, method, path)).Header("Status"));
            Assert.Equal("403 Forbidden", (await _routes.AskAsAsync("stranger", method, path)).Header("Status"));
            Assert.Equal("404 Not Found", (await _routes.AskAsAsync("scraper", method, path)).Header("Status"));
        }
    }

    [Theory]
    [InlineData("/api/public", null, "405 Method Not Allowed")]
    [InlineData("/api/reading", null, "401 Unauthorized")]
    [InlineData("/api/reading", "scraper", "403 Forbidden")]
    [InlineData("/api/reading", "vera", "405 Method Not Allowed")]
    [InlineData("/api/mixed", "scraper", "403 Forbidden")]
    [InlineData("/api/mixed", "vera", "405 Method Not Allowed")]
    public async Task AWrongMethodIsNamedOnlyToThoseWhoMayUseThePathAtAll(string path, string? user, string status) =>
        Assert.Equal(status, (await _routes.AskAsAsync(user, "DELETE", path)).Header("Status"));

    [Fact]
    public async Task MethodsOfOnePathHaveRolesOfTheirOwn()
    {
        Assert.Equal("200 OK", (await _routes.AskAsAsync("vera", "GET", "/api/mixed")).Header("Status"));
        Assert.Equal("403 Forbidden", (await _routes.AskAsAsync("vera", "PUT", "/api/mixed")).Header("Status"));
    }

    [Fact]
    public async Task WhatIsAcceptedIsJudgedAfterTheRole() => Assert.Equal(
        "403 Forbidden",
        (await _routes.AskAsAsync("vera", "GET", "/api/all", ("HTTP_ACCEPT", "text/html"))).Header("Status"));

    [Fact]
    public async Task ALongNameIsCutInTheAnswer()
    {
        FrontAnswer answer = await _routes.AskAsAsync(new string('x', 50_000), "GET", "/api/all");
        Assert.Contains("xxx…\"", Problem(answer).Detail, StringComparison.Ordinal);
        Assert.InRange(answer.Body.Length, 100, 1000);
    }

    private static Routes.Entry Line(string method, string path, UserRole needs) => new(method, path, needs, new Route(new HealthHandler()));

    private static (int Status, string Detail) Problem(FrontAnswer answer)
    {
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        using JsonDocument problem = JsonDocument.Parse(answer.Body);
        return (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("detail").GetString()!);
    }
}
