using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Lifetime;

/// <summary>
/// A backend that starts anew every fifty requests under continuous load (case 120). It does so in its own process, with the
/// socket: lighttpd, which would answer 503 for the second or two until it has noticed an exit, notices nothing.
/// </summary>
public class RecyclingTests(ITestOutputHelper output)
    : UnderLighttpd("responder", output, new Dictionary<string, string> { ["RESPONDER_RECYCLEAFTER"] = "50" })
{
    private const int Clients = 8;
    private const int RequestsOfEach = 100;

    [NativeFact]
    [Case(120)]
    public async Task NoRequestIsLostOrFails()
    {
        int before = Front.BackendPid();

        string[][] failures = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => FailuresAsync(client))));

        Assert.Empty(failures.SelectMany(each => each));
        Assert.Equal(before, Front.BackendPid());
        int recycled = LinesWith("recycling after ");
        Assert.InRange(recycled, Clients * RequestsOfEach / 100, Clients * RequestsOfEach / 50 + 1);
        Assert.DoesNotContain("child exited", Front.Log); // lighttpd's words
    }

    [NativeFact]
    [Case(120)]
    public async Task ALongAnswerIsFinishedFirstAndOthersAreServedMeanwhile()
    {
        const int Bytes = 20 << 20;
        using RawClient client = await RawClient.ConnectAsync(Front.Port, receiveBuffer: 64 * 1024);
        await client.SendHeadAsync("GET", $"/api/pattern?bytes={Bytes}");
        await client.ReadHeadAsync();
        Assert.Empty(await FailuresAsync(0)); // past the limit, and served like everybody else
        Assert.Equal((1, 1), (LinesWith("recycling after "), LinesWith("serving on "))); // not started anew yet

        byte[] body = await client.ReadToEndAsync();

        Assert.Equal(Bytes, body.Length);
        Assert.True(Pattern.Matches(body, 0));
        await Eventually.TrueAsync("it starts anew", () => LinesWith("serving on ") == 2);
    }

    [NativeFact]
    public async Task ItsDescriptorsDoNotGrow()
    {
        int backend = Front.BackendPid();
        Assert.Empty(await FailuresAsync(0));
        int descriptors = KernelView.Descriptors(backend).Count;

        for (int i = 0; i < 3; i++)
            Assert.Empty(await FailuresAsync(i));

        // A connection may still be open for a moment.
        await Eventually.TrueAsync("no more descriptors than before", () => KernelView.Descriptors(backend).Count <= descriptors);
        Assert.Equal("/dev/null", KernelView.Descriptors(backend)[0]);
    }

    [NativeFact]
    [Case(116)]
    public async Task SigtermEndsTheOneThatHasStartedAnew()
    {
        int before = Front.BackendPid();
        Assert.Empty(await FailuresAsync(0));

        Signals.Send(before, Signals.Terminate);

        await Eventually.TrueAsync("it ends", () => !KernelView.IsRunning(before));
        await Front.AnswersAsync();
        Assert.Contains("child exited: 0 ", Front.Log);
    }

    private int LinesWith(string beginning) => Front.Log.Split($" information: {beginning}").Length - 1;

    private async Task<string[]> FailuresAsync(int client)
    {
        using HttpClient http = Front.NewClient();
        List<string> failures = [];
        for (int i = 0; i < RequestsOfEach; i++)
        {
            string text = $"client={client}&number={i}";
            using HttpResponseMessage answer = await http.GetAsync($"api/query?{text}");
            string body = await answer.Content.ReadAsStringAsync();
            if (!answer.IsSuccessStatusCode || body != text)
                failures.Add($"{text}: {(int)answer.StatusCode} {body}");
        }
        return [.. failures];
    }
}
