using System;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Appliance.Settings;
using Appliance.Tests.Status;
using Xunit;

namespace Appliance.Tests;

public sealed class RoutesTests : IAsyncLifetime, IDisposable
{
    private readonly FixtureDevice _device = new();
    private readonly ServedRoutes _routes;

    public RoutesTests() => _routes = new ServedRoutes(new ApplianceSettings { Roots = _device.Roots });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _routes.DisposeAsync();

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task HealthSaysThatTheProgramIsAlive()
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/health");
        Assert.Equal("{\"status\":\"ok\"}", answer.Body);
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal("15", answer.Header("Content-Length"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal("200 OK", answer.Header("Status"));
    }

    [Fact]
    public async Task StatusDescribesTheDeviceBelowItsRoots()
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/status");
        Assert.Equal("application/json", answer.Header("Content-Type"));
        using JsonDocument status = JsonDocument.Parse(answer.Body);
        Assert.Equal("attic-router", status.RootElement.GetProperty("hostname").GetString());
    }

    [Theory]
    [InlineData("fields=load,hostname", "hostname load unavailable")]
    [InlineData("fields=load&a=b&fields=hostname", "hostname load unavailable")]
    [InlineData("fields=hostname%2Cload", "hostname load unavailable")]
    [InlineData("fields=raid", "raid unavailable")]
    public async Task StatusHasOnlyTheFieldsAskedFor(string query, string members)
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/status", query: query);
        using JsonDocument status = JsonDocument.Parse(answer.Body);
        Assert.Equal(members, string.Join(' ', status.RootElement.EnumerateObject().Select(member => member.Name)));
    }

    [Theory]
    [InlineData("fields=load,weather", "weather")]
    [InlineData("fields=Load", "Load")]
    [InlineData("fields=unavailable", "unavailable")]
    [InlineData("fields=load,", "")]
    [InlineData("fields", "")]
    public async Task AnUnknownFieldIsNamedAndTheKnownOnesListed(string query, string field)
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/status", query: query);
        Assert.Equal("400 Bad Request", answer.Header("Status"));
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        using JsonDocument problem = JsonDocument.Parse(answer.Body);
        Assert.StartsWith(
            $"there is no field \"{field}\"; known are hostname, kernel, os, ",
            problem.RootElement.GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/health")]
    [InlineData("/api/status")]
    public async Task HeadIsAnsweredAsGetWithoutTheBody(string path)
    {
        FrontAnswer answer = await _routes.AskAsync("HEAD", path);
        Assert.Equal("", answer.Body);
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal("200 OK", answer.Header("Status"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("/api")]
    [InlineData("/api/health/")]
    [InlineData("/api/healthy")]
    [InlineData("/API/health")]
    [InlineData("//api/health")]
    public async Task AnUnknownPathIsNotFoundWhateverTheMethod(string path)
    {
        foreach (string method in new[] { "GET", "HEAD", "POST" })
        {
            FrontAnswer answer = await _routes.AskAsync(method, path, accept: "text/html");
            Assert.Equal("404 Not Found", answer.Header("Status"));
            if (method != "HEAD")
                Assert.Equal((404, $"there is nothing at {path}"), Problem(answer));
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("get")]
    [InlineData("GET ")]
    public async Task AnotherMethodIsNotAllowedAndTheAllowedOnesAreNamed(string method)
    {
        FrontAnswer answer = await _routes.AskAsync(method, "/api/health");
        Assert.Equal("405 Method Not Allowed", answer.Header("Status"));
        Assert.Equal("GET, HEAD", answer.Header("Allow"));
        Assert.Equal((405, $"{method} is not for /api/health"), Problem(answer));
    }

    [Fact]
    public async Task WhatTheClientDoesNotAcceptIsNotSent()
    {
        FrontAnswer answer = await _routes.AskAsync("GET", "/api/health", accept: "text/html, application/json;q=0");
        Assert.Equal("406 Not Acceptable", answer.Header("Status"));
        Assert.Equal(
            (406, "only application/json can be sent, which Accept \"text/html, application/json;q=0\" excludes"),
            Problem(answer));
    }

    [Fact]
    public async Task TheMethodIsJudgedBeforeTheAcceptField() => Assert.Equal(
        "405 Method Not Allowed",
        (await _routes.AskAsync("PUT", "/api/health", accept: "text/html")).Header("Status"));

    [Fact]
    public async Task ABrowserIsServed() => Assert.Equal(
        "{\"status\":\"ok\"}",
        (await _routes.AskAsync("GET", "/api/health", accept: "text/html,application/xhtml+xml,*/*;q=0.8")).Body);

    [Fact]
    public async Task AnAnswerDoesNotGrowWithWhatItComplainsAbout()
    {
        string longText = new('\u00ff', 50_000);
        foreach (FrontAnswer answer in new[]
        {
            await _routes.AskAsync("GET", "/" + longText),
            await _routes.AskAsync(longText, "/api/health"),
            await _routes.AskAsync("GET", "/api/health", accept: longText),
        })
        {
            Assert.StartsWith("40", answer.Header("Status"), StringComparison.Ordinal);
            Assert.Contains('…', Problem(answer).Detail);
            Assert.InRange(answer.Body.Length, 100, 3000);
        }
    }

    [Theory]
    [InlineData("least")]
    [InlineData("most")]
    public async Task RequestsAreAnsweredAtEitherEndOfEveryLimit(string end)
    {
        ApplianceSettings settings = new() { Roots = _device.Roots };
        foreach ((string key, SettingsTable.Setter set) in SettingsTable.Entries)
        {
            if (!key.StartsWith("Limits:", StringComparison.Ordinal))
                continue;
            string refusal = Assert.Throws<FormatException>(() => set(settings, "?")).Message;
            Match bounds = Regex.Match(refusal, "from (?<least>[0-9]+) to (?<most>[0-9]+)|(?<most>true) or (?<least>false)");
            settings = set(settings, bounds.Groups[end].Value);
        }
        await using var routes = new ServedRoutes(settings);
        Assert.Equal("{\"status\":\"ok\"}", (await routes.AskAsync("GET", "/api/health")).Body);
        Assert.Contains("attic-router", (await routes.AskAsync("GET", "/api/status")).Body, StringComparison.Ordinal);
    }

    private static (int Status, string Detail) Problem(FrontAnswer answer)
    {
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        using JsonDocument problem = JsonDocument.Parse(answer.Body);
        return (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("detail").GetString()!);
    }
}
