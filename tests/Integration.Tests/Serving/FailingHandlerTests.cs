using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>What a client gets of a handler that throws (case 102).</summary>
public class FailingHandlerTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    private const string Secret = "swordfish"; // in the exception's message

    [NativeTheory]
    [Case(102)]
    [InlineData("before")]
    [InlineData("written")]
    public async Task HandlerThatThrowsBeforeTheFirstFlushIsAProblemWithoutDetails(string when)
    {
        using HttpResponseMessage response = await Client.GetAsync($"api/failing?when={when}");
        string body = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
        using JsonDocument problem = JsonDocument.Parse(body);
        Assert.Equal(500, problem.RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain(Secret, body);
        Assert.DoesNotContain("beginning", body);
        string line = Assert.Single(Front.Log.Split('\n'), line => line.Contains(" error: ", StringComparison.Ordinal));
        Assert.Contains("/api/failing", line);
        Assert.Contains(Secret, line);
    }

    /// <summary>
    /// A short answer that looks whole would be taken for the truth. The handler breaks off when the client has the beginning: one
    /// without length that breaks off before lighttpd has passed on the header is given a length by lighttpd 1.4.69.
    /// </summary>
    [NativeTheory]
    [Case(102)]
    [InlineData("flushed")]
    [InlineData("short")]
    public async Task ResponseThatBreaksOffLooksBroken(string when)
    {
        using HttpResponseMessage response = await Client.GetAsync($"api/failing?when={when}&until=go", HttpCompletionOption.ResponseHeadersRead);
        using Stream body = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(body, Encoding.ASCII);

        Assert.Equal("a good beginning", await reader.ReadLineAsync());
        Front.Release("go");

        await Assert.ThrowsAnyAsync<IOException>(reader.ReadToEndAsync);
    }

    [NativeFact]
    public async Task OthersAreServedMeanwhile()
    {
        Task<string> held = Client.GetStringAsync("api/held?until=go");
        await CounterReachesAsync("held", 1);
        string[] ways = ["before", "written", "flushed", "short"];
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => FailAsync(ways[i % ways.Length])));

        Front.Release("go");

        Assert.Equal("first\nlast\n", await held);

        async Task FailAsync(string when)
        {
            using HttpClient client = Front.NewClient();
            try
            {
                (await client.GetAsync($"api/failing?when={when}")).Dispose();
            }
            catch (HttpRequestException) when (when is "flushed" or "short")
            {
                // Broken off, as it should be.
            }
        }
    }
}
