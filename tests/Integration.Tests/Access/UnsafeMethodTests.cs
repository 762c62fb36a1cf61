using System;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Access;

/// <summary>
/// What a request must say that changes something, as lighttpd passes it on: the appliance's check, in the responder, which has a
/// route for it. With TLS: <see cref="Serving.TlsTests"/>.
/// </summary>
public sealed class UnsafeMethodTests(ITestOutputHelper output) : IAsyncLifetime
{
    private Lighttpd _front = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _front = await Lighttpd.StartAsync("responder", environment: null, Logins.Part, Lighttpd.BackendPart);
        _client = _front.NewClient();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        output.WriteLine(_front.Log);
        await _front.DisposeAsync();
    }

    /// <summary>PORT stands for lighttpd's, which is in the Host that the client sends.</summary>
    [NativeTheory]
    [InlineData("Origin: http://127.0.0.1:PORT", HttpStatusCode.OK)]
    [InlineData("Origin: http://127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("Origin: https://127.0.0.1:PORT", HttpStatusCode.Forbidden)]
    [InlineData("Origin: http://localhost:PORT", HttpStatusCode.Forbidden)]
    [InlineData("Origin: http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin: null", HttpStatusCode.Forbidden)]
    [InlineData("Origin:", HttpStatusCode.Forbidden)]
    [InlineData("Origin: http://127.0.0.1:PORT|Origin: http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin: http://evil.example|Origin: http://127.0.0.1:PORT", HttpStatusCode.Forbidden)]
    [InlineData("Referer: http://127.0.0.1:PORT/", HttpStatusCode.Forbidden)]
    [InlineData("X-Requested-With: XMLHttpRequest", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site: same-origin", HttpStatusCode.OK)]
    [InlineData("sec-fetch-site: none", HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site: same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site: cross-site|Origin: http://127.0.0.1:PORT", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site: same-origin|Sec-Fetch-Site: cross-site", HttpStatusCode.Forbidden)]
    public async Task OnlyAPageOfTheDeviceOrAProgramThatSaysSoMayChangeSomething(string fields, HttpStatusCode expected)
    {
        foreach (string method in new[] { "POST", "PUT", "PATCH", "DELETE" })
        {
            using RawClient client = await RawClient.ConnectAsync(_front.Port);
            string head = $"{method} /api/change HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nAuthorization: {Logins.Header(Logins.Admin)}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: 2\r\n{fields.Replace("|", "\r\n", StringComparison.Ordinal)}\r\n\r\n{{}}";
            await client.SendAsync(Encoding.ASCII.GetBytes(head.Replace("PORT", $"{_front.Port}", StringComparison.Ordinal)));

            Assert.StartsWith($"HTTP/1.1 {(int)expected} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }
    }

    [NativeTheory]
    [InlineData("application/json", HttpStatusCode.OK)]
    [InlineData("application/json; charset=utf-8", HttpStatusCode.OK)]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=x", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.UnsupportedMediaType)]
    public async Task ItsBodyIsJson(string? type, HttpStatusCode expected)
    {
        using HttpRequestMessage request = Request("Origin", $"http://127.0.0.1:{_front.Port}");
        request.Content!.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        using HttpResponseMessage response = await _client.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? "{}" : $"Content-Type \"{type}\" is not application/json", await SaidAsync(response));
    }

    /// <summary>There the Host is :authority.</summary>
    [NativeFact]
    public async Task TheSameHoldsForHttp2()
    {
        foreach ((string origin, HttpStatusCode expected) in new[]
        {
            ($"http://127.0.0.1:{_front.Port}", HttpStatusCode.OK), ("http://evil.example", HttpStatusCode.Forbidden),
        })
        {
            using HttpRequestMessage request = Request("Origin", origin);
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            using HttpResponseMessage response = await _client.SendAsync(request);

            Assert.Equal((HttpVersion.Version20, expected), (response.Version, response.StatusCode));
        }
    }

    [NativeFact]
    public async Task WhoHasNotLoggedInIsAskedToFirst()
    {
        using HttpClient nobody = _front.NewClient(user: null);
        using HttpRequestMessage request = Request("Origin", "http://evil.example");
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.SendAsync(request)).StatusCode);
    }

    private static HttpRequestMessage Request(string field, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "api/change") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(field, value);
        return request;
    }

    /// <summary>What came back: the body, or what a problem says.</summary>
    private static async Task<string> SaidAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        if (response.IsSuccessStatusCode)
            return text;
        using JsonDocument problem = JsonDocument.Parse(text);
        return problem.RootElement.GetProperty("detail").GetString()!;
    }
}

/// <summary>In which order the appliance's own table refuses a method that a path does not have.</summary>
public class RefusalOrderTests(ITestOutputHelper output) : UnderLighttpd("appliance", output)
{
    [NativeTheory]
    [InlineData("evil.example", Logins.Admin, HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1", null, HttpStatusCode.Unauthorized)]
    [InlineData("127.0.0.1", "scraper", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "vera", HttpStatusCode.MethodNotAllowed)]
    public async Task NameThenLoginThenRoleThenMethod(string host, string? user, HttpStatusCode expected)
    {
        using HttpClient client = Front.NewClient(user);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/status") { Content = new StringContent("{}") };
        request.Headers.Host = host;
        using HttpResponseMessage response = await client.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.MethodNotAllowed ? ["GET", "HEAD"] : Array.Empty<string>(), response.Content.Headers.Allow);
    }
}
