using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>What holds behind every front, however it speaks FastCGI. Each class that inherits this is one front in one setup.</summary>
public abstract class FrontPromises(ITestOutputHelper output) : BodyPromises(output)
{
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
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/variables?{query}");
        request.Headers.Add("X-Mine", "one");
        request.Headers.Add("Cookie", "a=1");
        request.Headers.Add("Proxy", "http://127.0.0.2/");
        using HttpResponseMessage response = await Client.SendAsync(request);
        using JsonDocument variables = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal("GET", Of("REQUEST_METHOD"));
        Assert.Equal(query, Of("QUERY_STRING"));
        Assert.Equal("127.0.0.1", Of("REMOTE_ADDR"));
        Assert.Equal("one", Of("HTTP_X_MINE"));
        Assert.Equal("a=1", Of("HTTP_COOKIE"));
        Assert.False(variables.RootElement.TryGetProperty("HTTP_PROXY", out _)); // case 24

        string? Of(string name) => variables.RootElement.GetProperty(name).GetString();
    }

    [FrontFact]
    public async Task FieldsThatComeTwiceAreJoined()
    {
        if (!Setup.JoinsFields)
            return;
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /{Setup.Path}api/variables HTTP/1.0\r\nHost: 127.0.0.1\r\nX-Mine: one\r\nX-Mine: two\r\n\r\n"));

        await client.ReadHeadAsync();
        using JsonDocument variables = JsonDocument.Parse(await client.ReadToEndAsync()); // of HTTP/1.0, and thus not in chunks

        Assert.Equal("one, two", variables.RootElement.GetProperty("HTTP_X_MINE").GetString()); // case 22
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
        foreach (string when in Setup.ShowsBreaks ? (string[])["flushed", "short"] : ["short"])
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
        using HttpClient client = Front.NewRoughClient();
        using var leaves = new CancellationTokenSource();
        Task<HttpResponseMessage> asking = client.GetAsync("api/held?until=go", leaves.Token);
        await Front.RequestIsHeldAsync();

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        if (Setup.TellsOfLeavingLate)
            await Front.RequestIsGivenUpAsync();
        Front.Release("go");
        Assert.Equal("after=1", await Client.GetStringAsync("api/query?after=1"));
    }

    [FrontFact]
    public async Task ClientThatLeavesInTheMiddleOfItsBodyDisturbsNobody()
    {
        using HttpClient client = Front.NewRoughClient();
        using var leaves = new CancellationTokenSource();
        var half = new SlowContent(PatternOf(100_000), announced: 1_000_000, pieceBytes: 100_000, pause: default);
        Task<HttpResponseMessage> asking = client.PostAsync("api/checksum?until=go", half, leaves.Token);
        if (Setup.StreamsRequests)
            await Front.RequestIsHeldAsync();

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        if (!Setup.TellsOfLeaving)
            Front.Release("go");
        if (Setup.StreamsRequests)
            await Front.RequestIsGivenUpAsync();
        await AssertArrivesAsync(Client, PatternOf(100_000), chunked: false);
    }

    [FrontFact]
    public async Task BodyThatComesSlowlyInSmallPiecesArrivesWhole()
    {
        byte[] body = PatternOf(2000);
        using HttpClient client = Front.NewRoughClient();

        using HttpResponseMessage answer = await client.PostAsync(
            "api/checksum", new SlowContent(body, body.Length, pieceBytes: 40, pause: TimeSpan.FromMilliseconds(20))); // a second in all

        Assert.Contains(Checksum.Of(body), await answer.Content.ReadAsStringAsync());
    }

    [FrontFact]
    public async Task ClientThatReadsSlowlyGetsEverything()
    {
        const int Bytes = 20 * Mebibyte;
        using HttpClient client = Front.NewRoughClient();
        using HttpResponseMessage response = await client.GetAsync($"api/pattern?bytes={Bytes}", HttpCompletionOption.ResponseHeadersRead);
        await using Stream body = await response.Content.ReadAsStreamAsync();
        Task another = AssertArrivesAsync(Client, PatternOf(Mebibyte), chunked: false);
        if (!Setup.Multiplexes)
            await another; // while nobody reads

        byte[] piece = new byte[Mebibyte];
        for (int read = 0; read < Bytes; read += piece.Length)
        {
            await Task.Delay(50); // a second in all
            await body.ReadExactlyAsync(piece);
            Assert.True(Pattern.Matches(piece, read));
        }

        Assert.Equal(0, await body.ReadAsync(piece));
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
    public async Task ManyClientsGetNoWrongAnswer()
    {
        const int Requests = 1200;
        int each = Requests / Setup.ClientsAtOnce;
        IReadOnlyList<string>[] wrong = await Task.WhenAll(
            Enumerable.Range(0, Setup.ClientsAtOnce)
                .Select(client => Task.Run(() => MixedRequests.WrongAnswersAsync(Front, client * each, each))));

        Assert.All(wrong.SelectMany(list => list), Assert.Fail);
        Assert.InRange(await Front.OwnFaultsAsync(), 0, Requests / 2);
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
