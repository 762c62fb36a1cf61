using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Lifetime;

/// <summary>
/// Backends that end under continuous load while the front keeps connections for the next request: that request may be on its way
/// already. Half of the requests are POST, which fronts do not make again unless they are told to.
/// </summary>
public abstract class KeptConnectionTests(ITestOutputHelper output) : UnderFront(output)
{
    private const int Clients = 8;
    private readonly ITestOutputHelper _output = output;

    /// <summary>
    /// Whether a request that the front sends in the moment in which a backend that was told to stop closes the connection may be lost or
    /// refused with 503: FastCGI has no word for "no more requests, please".
    /// </summary>
    protected virtual bool MayBeRefusedAtAStop => false;

    [FrontFact]
    [Case(120)]
    public async Task RecyclingLosesNoRequest()
    {
        await RestartAsync(new Dictionary<string, string> { ["RESPONDER_RECYCLEAFTER"] = "50" });

        string[] failures = await FailuresAsync(requestsOfEach: 200);

        Assert.Empty(failures);
        await Front.OwnFaultsAsync();
        Assert.InRange(Front.Log.Split(" information: recycling after ").Length - 1, 5, Clients * 200 / 50);
    }

    [FrontFact]
    [Case(116, 117)]
    public async Task AStopLosesNoRequest()
    {
        const int Stops = 10;
        using var ends = new CancellationTokenSource();
        Task<string[]> load = Task.Run(() => FailuresAsync(int.MaxValue, ends.Token));
        for (int i = 0; i < Stops; i++)
        {
            int backend = Assert.Single(KernelView.ChildrenOf(Front.BackendPid));
            Signals.Send(backend, Signals.Terminate);
            await Eventually.TrueAsync("it ends", () => !KernelView.IsRunning(backend));
            await Eventually.TrueAsync("the next one serves", () => Front.Log.Split(" information: serving on ").Length - 1 == i + 2);
        }
        await ends.CancelAsync();

        string[] failures = await load;
        _output.WriteLine($"not answered in {Stops} stops: {failures.Length}\n{string.Join('\n', failures)}");
        Assert.InRange(failures.Length, 0, MayBeRefusedAtAStop ? Stops * Clients : 0);
        // HAProxy drops a client whose request is lost, so that it asks again; only the first of a client's connection gets its 502.
        Assert.All(failures, failure => Assert.Matches(": 503 {|: 502 <html>|ResponseEnded", failure));
        Assert.Equal(Stops, Front.Log.Split(" information: stopped").Length - 1);
        Assert.DoesNotContain("cut off", Front.Log);
    }

    private async Task<string[]> FailuresAsync(int requestsOfEach, CancellationToken ends = default)
    {
        string[][] failures = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            using HttpClient http = Front.NewClient(asksAgain: true);
            List<string> failures = [];
            for (int i = 0; i < requestsOfEach && !ends.IsCancellationRequested; i++)
            {
                if (await FailureAsync(http, (client * 1000) + i) is string failure)
                    failures.Add(failure);
            }
            return failures.ToArray();
        })));
        return [.. failures.SelectMany(each => each)];
    }

    /// <summary>What was wrong with the answer, beginning with its status; null for a right one.</summary>
    private static async Task<string?> FailureAsync(HttpClient http, int number)
    {
        byte[] body = new byte[number % 7 * 1000];
        Pattern.Fill(body, number);
        try
        {
            using HttpResponseMessage answer = number % 2 == 0
                ? await http.GetAsync($"api/query?number={number}")
                : await http.PostAsync("api/checksum", new ByteArrayContent(body));
            string text = await answer.Content.ReadAsStringAsync();
            bool isRight = answer.IsSuccessStatusCode && (number % 2 == 0 ? text == $"number={number}" : ChecksumIn(text) == Checksum.Of(body));
            return isRight ? null : string.Create(CultureInfo.InvariantCulture, $"{number}: {(int)answer.StatusCode} {text}");
        }
        catch (HttpRequestException e)
        {
            return $"{number}: {e.Message} {e.InnerException?.Message}";
        }
    }

    private static string? ChecksumIn(string text)
    {
        using JsonDocument json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("checksum").GetString();
    }
}

[Needs("spawn-fcgi", "nginx")]
public class NginxKeptConnectionTests(ITestOutputHelper output) : KeptConnectionTests(output)
{
    protected override FrontSetup Setup { get; } =
        NginxTests.Nginx(keepConn: true, buffersResponses: true, buffersRequests: true, inHttp: "fastcgi_next_upstream error non_idempotent;") with { Supervised = true };
}

/// <summary>HAProxy that is told to ask again; a body has to be complete for that before it is sent.</summary>
[Needs("spawn-fcgi", "haproxy")]
public class HaProxyKeptConnectionTests(ITestOutputHelper output) : KeptConnectionTests(output)
{
    private const string AsksAgain = "retries 10\n    retry-on conn-failure empty-response\n    option http-buffer-request";

    protected override FrontSetup Setup { get; } = HaProxyTests.HaProxy("option keep-conn", AsksAgain) with { Supervised = true };
}

/// <summary>
/// Of the requests that share a connection one keeps it among those that 2.6.12 may use, closed or not: it asks again there as often as it
/// may, within a millisecond. So it is not told to.
/// </summary>
[Needs("spawn-fcgi", "haproxy")]
public class HaProxyMultiplexedKeptConnectionTests(ITestOutputHelper output) : KeptConnectionTests(output)
{
    protected override FrontSetup Setup { get; } =
        HaProxyMultiplexedTests.Multiplexed with { Supervised = true };

    protected override bool MayBeRefusedAtAStop => true;
}
