using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Access;

/// <summary>By which names the device answers through the lighttpd that ships.</summary>
public class HostTests(ITestOutputHelper output)
    : UnderLighttpd("appliance", output, new Dictionary<string, string> { ["APPLIANCE_ACCESS_HOSTS"] = "router.lan" })
{
    [NativeTheory]
    [InlineData("127.0.0.1")]
    [InlineData("192.168.1.1:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("localhost")]
    [InlineData("Router.LAN")]
    [InlineData("router.lan:443")]
    public async Task ItAnswersByItsAddressesAndItsNames(string host)
    {
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(Client, "api/status", host)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(Client, "api/health", host)).StatusCode);
    }

    [NativeTheory]
    [InlineData("evil.example")]
    [InlineData("router.lan.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task ByAnyOtherItAnswersNothing(string host)
    {
        foreach (string path in new[] { "api/status", "api/health" })
        {
            using HttpResponseMessage response = await AskAsync(Client, path, host);
            Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
            using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Contains($"Host \"{host}\"", problem.RootElement.GetProperty("detail").GetString());
        }
    }

    /// <summary>lighttpd refuses some of these itself; none gets an answer of the device's.</summary>
    [NativeTheory]
    [InlineData("HTTP/1.0")]
    [InlineData("HTTP/1.1")]
    [InlineData("HTTP/1.1", "Host:")]
    [InlineData("HTTP/1.1", "Host: ")]
    [InlineData("HTTP/1.1", "Host: router.lan", "Host: evil.example")]
    [InlineData("HTTP/1.1", "Host: evil.example", "Host: router.lan")]
    [InlineData("HTTP/1.1", "Host: router.lan, evil.example")]
    [InlineData("HTTP/1.1", "Host: router.lan@evil.example")]
    [InlineData("HTTP/1.1", "Host: evil.example#router.lan")]
    [InlineData("HTTP/1.1", "Host: evil.example/router.lan")]
    [InlineData("HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: router.lan")]
    [InlineData("HTTP/1.1", "Host: evil.example", "X-Host: router.lan", "Forwarded: host=router.lan")]
    public async Task AnOddHostIsNotAnswered(string version, params string[] fields)
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        string head = $"GET /api/health {version}\r\nConnection: close\r\n{string.Concat(System.Array.ConvertAll(fields, f => f + "\r\n"))}\r\n";
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(head));

        Assert.Matches("^HTTP/1.[01] (400|421) ", await client.ReadHeadAsync());
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, string path, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        return client.SendAsync(request);
    }
}
