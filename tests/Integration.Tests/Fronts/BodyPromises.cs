using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>What holds of bodies behind every front, of every length and in both directions.</summary>
public abstract class BodyPromises(ITestOutputHelper output) : UnderFront(output)
{
    protected const int Mebibyte = 1 << 20;
    private static readonly int[] Sizes = [0, 1, 8000, 65535, 65536, 66000, Mebibyte];

    [FrontFact]
    public async Task RequestBodiesArriveWhole()
    {
        foreach (int bytes in Sizes)
            await AssertArrivesAsync(Client, PatternOf(bytes), chunked: false);
    }

    [FrontFact]
    public async Task LargeRequestBodyArrivesWhole() => await AssertArrivesAsync(Client, LargeBody, chunked: false, LargeChecksum);

    [FrontFact]
    public async Task BodyWithoutAnnouncedLengthArrivesWhole()
    {
        foreach (int bytes in Sizes.Where(bytes => bytes <= Setup.MostChunkedBytes))
            await AssertArrivesAsync(Client, PatternOf(bytes), chunked: true);
    }

    /// <summary>Where the front has to know the length, it is the front that says so.</summary>
    [FrontFact]
    public async Task LargeBodyWithoutAnnouncedLengthArrivesWholeOrIsRefusedByTheFront()
    {
        if (Setup.MostChunkedBytes == int.MaxValue)
        {
            await AssertArrivesAsync(Client, LargeBody, chunked: true, LargeChecksum);
            return;
        }
        if (Setup.ChunkedRefusal is not HttpStatusCode refusal)
            return;
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", $"/{Setup.Path}api/checksum", "Transfer-Encoding: chunked");
        int bytes = Setup.MostChunkedBytes < 0 ? 0 : 3 * Setup.MostChunkedBytes;
        if (bytes > 0)
            await client.SendAsync(Encoding.ASCII.GetBytes($"{bytes:x}\r\n{new string('x', bytes)}\r\n"));

        string head = await client.ReadHeadAsync();

        Assert.StartsWith($"HTTP/1.1 {(int)refusal} ", head);
        Assert.DoesNotContain("no-store", head); // which every problem of the backend has
        await AssertArrivesAsync(Client, PatternOf(1000), chunked: false);
    }

    [FrontFact]
    public async Task ResponseBodiesArriveWhole()
    {
        foreach (int bytes in Sizes)
        {
            Assert.Equal(PatternOf(bytes), await Client.GetByteArrayAsync($"api/pattern?bytes={bytes}"));
            Assert.Equal(PatternOf(bytes), await Client.GetByteArrayAsync($"api/pattern?bytes={bytes}&length=no"));
        }
    }

    [FrontFact]
    public async Task LargeResponseBodyArrivesWhole()
    {
        byte[] body = await Client.GetByteArrayAsync($"api/pattern?bytes={100 * Mebibyte}");

        Assert.Equal(100 * Mebibyte, body.Length);
        Assert.True(Pattern.Matches(body, 0));
    }

    [FrontFact]
    public async Task HeadHasTheLengthAndNoBody()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "api/pattern?bytes=100000");
        using HttpResponseMessage response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(100000, response.Content.Headers.ContentLength);
        Assert.Equal("after=1", await Client.GetStringAsync("api/query?after=1")); // on the same connection
    }

    protected static async Task AssertArrivesAsync(HttpClient client, byte[] body, bool chunked, string? checksum = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/checksum") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();

        Assert.True(response.IsSuccessStatusCode, $"{body.Length} bytes: {(int)response.StatusCode} {text}");
        checksum ??= Checksum.Of(body);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $$"""{"bytes":{{body.Length}},"checksum":"{{checksum}}"}"""), text);
    }
}
