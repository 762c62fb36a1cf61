using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>A bound on bodies below lighttpd's own, set as init would set it: through lighttpd's environment.</summary>
public class BodyLimitTests(ITestOutputHelper output)
    : UnderLighttpd("appliance", output, new Dictionary<string, string> { ["APPLIANCE_LIMITS_BODYBYTES"] = "1048576" })
{
    private const int Limit = 1 << 20;

    [NativeTheory]
    [Case(79)]
    [InlineData(Limit + 1)]
    [InlineData(10 << 20)]
    public async Task BodyOverTheLimitIsTooLarge(int bytes)
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/health", string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}"));

        // Nothing of the body is sent: the answer does not wait for it (case 79).
        string head = await client.ReadHeadAsync();
        using JsonDocument problem = JsonDocument.Parse(await client.ReadExactlyAsync((int)RawClient.ContentLengthOf(head)));

        Assert.StartsWith("HTTP/1.1 413 ", head);
        Assert.Contains("Content-Type: application/problem+json\r\n", head);
        Assert.Equal(413, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(bytes.ToString(CultureInfo.InvariantCulture), problem.RootElement.GetProperty("detail").GetString());
    }

    [NativeFact]
    public async Task BodyAtTheLimitIsNotTooLarge()
    {
        using HttpResponseMessage response = await Client.PostAsync("api/health", new ByteArrayContent(new byte[Limit]));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    /// <summary>What real clients do: they send everything, whatever the answer. They should still get to see it.</summary>
    [NativeFact]
    public async Task ClientThatSendsTheWholeBodySeesTheAnswer()
    {
        using HttpResponseMessage response = await Client.PostAsync("api/health", new ByteArrayContent(new byte[2 * Limit]));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
    }
}
