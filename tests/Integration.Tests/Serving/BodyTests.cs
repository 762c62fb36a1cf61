using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>Bodies in both directions, around the sizes where records and buffers end (cases 4, 80, 88).</summary>
public class BodyTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    [NativeTheory]
    [Case(80)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(1 << 20)]
    [InlineData(10 << 20)]
    public async Task RequestBodyArrivesWhole(int bytes)
    {
        byte[] body = Body(bytes);
        using HttpResponseMessage response = await Client.PostAsync("api/checksum", new ByteArrayContent(body));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(bytes, answer.RootElement.GetProperty("bytes").GetInt64());
        Assert.Equal(Checksum.Of(body), answer.RootElement.GetProperty("checksum").GetString());
    }

    [NativeTheory]
    [Case(88)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(66000)]
    [InlineData(1 << 20)]
    public async Task ResponseBodyArrivesWhole(int bytes)
    {
        byte[] announced = await Client.GetByteArrayAsync($"api/pattern?bytes={bytes}");
        byte[] unannounced = await Client.GetByteArrayAsync($"api/pattern?bytes={bytes}&length=no");

        Assert.Equal(Body(bytes), announced);
        Assert.Equal(Body(bytes), unannounced);
    }

    /// <summary>The answer begins while the body is still being sent (case 69), so client and handler do both at once.</summary>
    [NativeTheory]
    [Case(69)]
    [InlineData(0)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(1 << 20)]
    public async Task BodyComesBackWhileItIsSent(int bytes)
    {
        byte[] body = Body(bytes);
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/echo", string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}"));
        Task sending = client.SendAsync(body);

        string head = await client.ReadHeadAsync();
        byte[] echo = await client.ReadToEndAsync();
        await sending;

        Assert.StartsWith("HTTP/1.1 200 ", head);
        Assert.Equal(bytes, RawClient.ContentLengthOf(head));
        Assert.Equal(body, echo);
    }

    /// <summary>The price of server.stream-request-body = 2, which conf.d/appliance.conf names.</summary>
    [NativeFact]
    public async Task BodyWithoutAnnouncedLengthIsRefusedByTheFront()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/checksum") { Content = new ByteArrayContent(Body(10 << 20)) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = true; // or the answer could meet a connection that is still being written to
        using HttpResponseMessage response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.LengthRequired, response.StatusCode);
    }

    [NativeFact]
    public async Task BodyThatNobodyReadsDoesNotSpoilTheAnswer()
    {
        using HttpResponseMessage response = await Client.PostAsync("api/query?unread", new ByteArrayContent(Body(1 << 20)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("unread", await response.Content.ReadAsStringAsync());
    }

    [NativeFact]
    [Case(93)]
    public async Task EventsArriveAsTheyHappen()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", "/api/events?count=3&until=event");
        string head = await client.ReadHeadAsync();
        Assert.Contains("Content-Type: text/event-stream\r\n", head);

        Assert.Equal("data: 1\n\n", await NextEvent());
        Front.Release("event2");
        Assert.Equal("data: 2\n\n", await NextEvent());
        Front.Release("event3");
        Assert.Equal("data: 3\n\n", await NextEvent());
        Assert.Equal("0\r\n\r\n"u8.ToArray(), await client.ReadToEndAsync());

        // Each event is flushed and therefore a chunk of its own.
        async Task<string> NextEvent()
        {
            int length = int.Parse(await client.ReadLineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            string text = System.Text.Encoding.ASCII.GetString(await client.ReadExactlyAsync(length));
            Assert.Equal("", await client.ReadLineAsync());
            return text;
        }
    }

    private static byte[] Body(int bytes)
    {
        byte[] body = new byte[bytes];
        Pattern.Fill(body, 0);
        return body;
    }
}
