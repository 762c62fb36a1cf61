using System;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>The appliance as it ships: the route that says it lives, and what a request that leads nowhere gets.</summary>
public class HealthTests(ITestOutputHelper output) : UnderLighttpd("appliance", output)
{
    [NativeFact]
    public async Task HealthIsOk()
    {
        using HttpResponseMessage response = await Client.GetAsync("api/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("""{"status":"ok"}""", await response.Content.ReadAsStringAsync());
    }

    [NativeFact]
    public async Task HeadSaysTheLengthAndSendsNoBody()
    {
        string body = await Client.GetStringAsync("api/health");
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("HEAD", "/api/health");

        string head = await client.ReadHeadAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head);
        Assert.Equal(body.Length, RawClient.ContentLengthOf(head));
        Assert.Empty(await client.ReadToEndAsync());
    }

    [NativeTheory]
    [InlineData("api/nothing")]
    [InlineData("api/")]
    [InlineData("api/health/more")]
    [InlineData("api/%C3%A9")]
    public async Task UnknownPathIsNotFound(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(path);

        Assert.Contains("/" + Uri.UnescapeDataString(path), await ProblemOf(response, 404));
    }

    [NativeTheory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public async Task OtherMethodIsNotAllowedAndToldWhichAre(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "api/health");
        if (method != "DELETE")
            request.Content = new StringContent("{}");
        using HttpResponseMessage response = await Client.SendAsync(request);

        Assert.Contains(method, await ProblemOf(response, 405));
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [NativeFact]
    public async Task AcceptThatExcludesJsonIsNotAcceptable()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/health");
        request.Headers.Accept.ParseAdd("text/html, application/json;q=0");
        using HttpResponseMessage response = await Client.SendAsync(request);

        Assert.Contains("text/html", await ProblemOf(response, 406));
    }

    [NativeFact]
    public async Task PagesBesideTheApiAreServed()
    {
        using HttpResponseMessage response = await Client.GetAsync("");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
    }

    private static async Task<string> ProblemOf(HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        return problem.RootElement.GetProperty("detail").GetString()!;
    }
}
