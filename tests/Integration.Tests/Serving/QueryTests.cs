using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>What of a request's target and fields reaches a handler.</summary>
public class QueryTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    [NativeTheory]
    [InlineData("")]
    [InlineData("a=1")]
    [InlineData("a=1&a=2&b")]
    [InlineData("a=%2F%20%26%3D%25&b=+&c=~-._")]
    [InlineData("name=%C3%A9%F0%9F%90%A7")]
    [InlineData("a=b?c=d/../e;f&&==")]
    [InlineData("!$'()*,:@")]
    public async Task QueryInNormalFormArrivesByteForByte(string query) =>
        Assert.Equal(query, await QueryThatArrives(query));

    [NativeFact]
    public async Task LongQueryArrivesWhole()
    {
        string query = "q=" + new string('x', 6000);

        Assert.Equal(query, await QueryThatArrives(query));
    }

    /// <summary>lighttpd's server.http-parseopts, by default: what handlers get is always in the one form of RFC 3986 §6.2.2.</summary>
    [NativeTheory]
    [InlineData("a=%2f", "a=%2F")]
    [InlineData("a=%7e%41", "a=~A")]
    [InlineData("a=%zz", "a=%25zz")]
    [InlineData("a=é", "a=%C3%A9")]
    public async Task FrontBringsQueryIntoNormalForm(string sent, string arrives) =>
        Assert.Equal(arrives, await QueryThatArrives(sent));

    [NativeFact]
    public async Task FieldsAndTargetArriveAsCgiVariables()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", "/api/variables?x=1", "X-Mine: a \"quoted\" é", "Cookie: a=1", "Proxy: http://127.0.0.2/");

        await client.ReadHeadAsync();
        using JsonDocument variables = JsonDocument.Parse(await client.ReadToEndAsync());

        Assert.Equal("GET", Of("REQUEST_METHOD"));
        Assert.Equal("/api/variables?x=1", Of("REQUEST_URI"));
        Assert.Equal("x=1", Of("QUERY_STRING"));
        Assert.Equal("127.0.0.1", Of("REMOTE_ADDR"));
        Assert.Equal("a \"quoted\" é", Of("HTTP_X_MINE"));
        Assert.Equal("a=1", Of("HTTP_COOKIE"));
        Assert.False(variables.RootElement.TryGetProperty("HTTP_PROXY", out _)); // case 24

        string? Of(string name) => variables.RootElement.GetProperty(name).GetString();
    }

    private async Task<string> QueryThatArrives(string query)
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendAsync(Encoding.UTF8.GetBytes($"GET /api/query?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 200 ", head);
        return Encoding.UTF8.GetString(await client.ReadToEndAsync());
    }
}
