using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>What holds behind every front, however it speaks FastCGI. Each class that inherits this is one front in one setup.</summary>
public abstract class FrontPromises(ITestOutputHelper output) : UnderFront(output)
{
    private const int Mebibyte = 1 << 20;
    private static readonly int[] Sizes = [0, 1, 8000, 65535, 65536, 66000, Mebibyte];

    [FrontFact]
    public async Task StatusAndFieldsComeBack()
    {
        using HttpResponseMessage found = await Client.GetAsync("api/query?a=1");
        using HttpResponseMessage missing = await Client.GetAsync("api/nothing");

        Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        Assert.Equal("application/octet-stream", found.Content.Headers.ContentType!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.ToString());
    }

    [FrontFact]
    public async Task QueryAndFieldsArrive()
    {
        string query = "a=%2F%20%26&b=+&c=~-._&q=" + new string('x', 6000);
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        string[] fields = ["Host: 127.0.0.1", "X-Mine: one", "X-Mine: two", "Cookie: a=1", "Proxy: http://127.0.0.2/"];
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET /api/variables?{query} HTTP/1.0\r\n{string.Join("\r\n", fields)}\r\n\r\n"));

        await client.ReadHeadAsync();
        using JsonDocument variables = JsonDocument.Parse(await client.ReadToEndAsync()); // of HTTP/1.0, and thus not in chunks

        Assert.Equal("GET", Of("REQUEST_METHOD"));
        Assert.Equal(query, Of("QUERY_STRING"));
        Assert.Equal("127.0.0.1", Of("REMOTE_ADDR"));
        Assert.Equal("one, two", Of("HTTP_X_MINE")); // case 22
        Assert.Equal("a=1", Of("HTTP_COOKIE"));
        Assert.False(variables.RootElement.TryGetProperty("HTTP_PROXY", out _)); // case 24

        string? Of(string name) => variables.RootElement.GetProperty(name).GetString();
    }

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
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/checksum", "Transfer-Encoding: chunked");
        int bytes = Setup.MostChunkedBytes < 0 ? 0 : 3 * Setup.MostChunkedBytes;
        if (bytes > 0)
            await client.SendAsync(Encoding.ASCII.GetBytes($"{bytes:x}\r\n{new string('x', bytes)}\r\n"));

        string head = await client.ReadHeadAsync();

        Assert.StartsWith($"HTTP/1.1 {(int)Setup.ChunkedRefusal} ", head);
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

    [FrontFact]
    public async Task HandlerThatThrowsIsAProblem()
    {
        for (int i = 0; i < 3; i++)
            await AssertProblemAsync(await Client.GetAsync("api/failing?when=before"), HttpStatusCode.InternalServerError);
        Assert.Equal("after=1", await Client.GetStringAsync("api/query?after=1"));
    }

    /// <summary>A short answer that looks whole would be taken for the truth, with its length announced or not.</summary>
    [FrontFact]
    [Case(95, 102)]
    public async Task AnswerThatBreaksOffLooksBroken()
    {
        foreach (string when in (string[])["flushed", "short"])
        {
            // On a shared connection the break would cost others their answers: there only who is alone sees it.
            int atOnce = Setup.Multiplexes ? 1 : 20;
            bool[] whole = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => LooksWholeAsync($"api/failing?when={when}")));

            Assert.DoesNotContain(true, whole);
            Assert.Equal("after=1", await Client.GetStringAsync("api/query?after=1"));
        }

        async Task<bool> LooksWholeAsync(string target)
        {
            try
            {
                using HttpResponseMessage response = await Client.GetAsync(target);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    /// <summary>The answer is sent before the body is there (case 79): what is left of it must not spoil the next request.</summary>
    [FrontFact]
    public async Task BodyOverTheLimitIsAProblem()
    {
        await RestartAsync(new Dictionary<string, string> { ["RESPONDER_BODYBYTES"] = "10000" });
        Client.DefaultRequestHeaders.ConnectionClose = true; // a front may close to a client whose upload it did not read to its end
        for (int i = 0; i < 3; i++)
        {
            using var content = new ByteArrayContent(new byte[Setup.RefusedBodyBytes]);
            await AssertProblemAsync(await Client.PostAsync("api/checksum", content), HttpStatusCode.RequestEntityTooLarge);
        }
        await AssertArrivesAsync(Client, PatternOf(10_000), chunked: false);
    }

    [FrontFact]
    public async Task ClientThatLeavesIsNotWaitedFor()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", "/api/held?until=go");
        await Front.CounterReachesAsync("held", 1);

        client.HangUp();

        if (Setup.TellsOfLeavingLate)
            await Front.CounterReachesAsync("cancelled", 1);
        Front.Release("go");
        Assert.Equal("after=1", await Client.GetStringAsync("api/query?after=1"));
    }

    [FrontFact]
    public async Task ClientThatLeavesInTheMiddleOfItsBodyDisturbsNobody()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/checksum?until=go", "Content-Length: 1000000");
        await client.SendAsync(PatternOf(100_000));
        if (Setup.StreamsRequests)
            await Front.CounterReachesAsync("held", 1);

        client.HangUp();

        if (Setup.StreamsRequests)
            await Front.CounterReachesAsync("cancelled", 1);
        await AssertArrivesAsync(Client, PatternOf(100_000), chunked: false);
    }

    [FrontFact]
    public async Task BodyThatComesInSmallPiecesArrivesWhole()
    {
        byte[] body = PatternOf(2000);
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/checksum", "Content-Length: 2000");
        for (int i = 0; i < body.Length; i++)
            await client.SendAsync(body.AsMemory(i, 1));

        await client.ReadHeadAsync();

        Assert.Contains(Checksum.Of(body), Encoding.ASCII.GetString(await client.ReadToEndAsync()));
    }

    [FrontFact]
    public async Task ClientThatReadsSlowlyGetsEverything()
    {
        const int Bytes = 20 * Mebibyte;
        using RawClient client = await RawClient.ConnectAsync(Front.Port, receiveBuffer: 16 * 1024);
        await client.SendHeadAsync("GET", $"/api/pattern?bytes={Bytes}");
        await client.ReadHeadAsync();
        Task another = AssertArrivesAsync(Client, PatternOf(Mebibyte), chunked: false);
        if (!Setup.Multiplexes)
            await another; // while nobody reads

        byte[] body = await client.ReadToEndAsync();

        Assert.Equal(Bytes, body.Length);
        Assert.True(Pattern.Matches(body, 0));
        await another;
    }

    [FrontFact]
    public async Task EventsArriveAsTheyHappen()
    {
        using HttpResponseMessage response =
            await Client.GetAsync("api/events?count=3&until=event", HttpCompletionOption.ResponseHeadersRead);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("data: 1", await NextAsync());
        Front.Release("event2");
        Assert.Equal("data: 2", await NextAsync());
        Front.Release("event3");
        Assert.Equal("data: 3", await NextAsync());
        Assert.Null(await events.ReadLineAsync().WaitAsync(Eventually.Deadline));

        async Task<string?> NextAsync()
        {
            string? line = await events.ReadLineAsync().WaitAsync(Eventually.Deadline);
            Assert.Equal("", await events.ReadLineAsync().WaitAsync(Eventually.Deadline));
            return line;
        }
    }

    [FrontFact]
    public async Task HundredClientsGetNoWrongAnswer()
    {
        IReadOnlyList<string>[] wrong = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(client => Task.Run(() => MixedRequests.WrongAnswersAsync(Front, Setup.Multiplexes, client * 12, 12))));

        Assert.All(wrong.SelectMany(list => list), Assert.Fail);
    }

    private static async Task AssertArrivesAsync(HttpClient client, byte[] body, bool chunked, string? checksum = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/checksum") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();

        Assert.True(response.IsSuccessStatusCode, $"{body.Length} bytes: {(int)response.StatusCode} {text}");
        checksum ??= Checksum.Of(body);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $$"""{"bytes":{{body.Length}},"checksum":"{{checksum}}"}"""), text);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        using (response)
        {
            Assert.Equal(status, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
            using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        }
    }
}
