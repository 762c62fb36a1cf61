using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>
/// lighttpd asks the backend before it serves static files (<c>mode => "authorizer"</c>). It takes much for a permission that is none,
/// so whatever goes wrong, no byte of a file leaves (case 47).
/// </summary>
[Needs("spawn-fcgi", "lighttpd")]
public class LighttpdAuthorizerTests(ITestOutputHelper output) : UnderFront(output)
{
    private const string Secret = "swordfish"; // the content of every file
    private static readonly string[] Names = ["allowed", "forgotten", "login", "failing", "unknown", "slow", "blocking", "variables"];

    protected override FrontSetup Setup { get; } = new("lighttpd", "-D -f front.conf", Configuration);

    protected override IReadOnlyDictionary<string, string> Files { get; } = Names.ToDictionary(name => $"www/secret/{name}", _ => Secret);

    [FrontFact]
    [Case(104)]
    public async Task PermittedFileIsServed()
    {
        Assert.Equal(Secret, await Client.GetStringAsync("secret/allowed"));
        Assert.Equal(Secret, await Client.GetStringAsync("secret/allowed")); // on the same connection
    }

    [FrontFact]
    [Case(104)]
    public async Task VariablesReachWhatAnswersThePermittedRequest()
    {
        using JsonDocument variables = JsonDocument.Parse(await Client.GetStringAsync("secret/variables"));

        Assert.Equal("tester", variables.RootElement.GetProperty("AUTH_USER").GetString());
    }

    [FrontFact]
    [Case(47)]
    public async Task EveryDenialIsSeenAndNothingLeaves()
    {
        await AssertDeniedAsync(Client, "forgotten", HttpStatusCode.Forbidden);
        await AssertDeniedAsync(Client, "login", HttpStatusCode.Unauthorized);
        await AssertDeniedAsync(Client, "failing", HttpStatusCode.InternalServerError);
        await AssertDeniedAsync(Client, "unknown", HttpStatusCode.NotFound);
        using HttpResponseMessage login = await Client.GetAsync("secret/login");
        Assert.Equal("Basic realm=\"secret\"", login.Headers.WwwAuthenticate.ToString());
    }

    [FrontFact]
    [Case(47)]
    public async Task NothingLeavesBeforeThePermissionIsSaid()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", "/secret/slow?until=go");
        await Front.CounterReachesAsync("held", 1);
        ValueTask<int> first = client.ReadAsync(new byte[1]);
        await AssertDeniedAsync(Client, "forgotten", HttpStatusCode.Forbidden);

        Assert.False(first.IsCompleted);
        Front.Release("go");

        Assert.Equal(1, await first);
        Assert.EndsWith(Secret, Encoding.ASCII.GetString(await client.ReadToEndAsync()));
    }

    [FrontFact]
    [Case(47, 51)]
    public async Task OverloadDenies()
    {
        const int Served = 2; // one that blocks and one that waits for it
        await RestartAsync(new Dictionary<string, string> { ["RESPONDER_BLOCKINGHANDLERS"] = "1", ["RESPONDER_QUEUEDREQUESTS"] = "1" });
        Task<(HttpStatusCode Status, string Text)>[] asked = [.. Enumerable.Range(0, 8).Select(_ => AskAsync(Client, "blocking?until=go"))];

        await Eventually.TrueAsync("all but two to be refused", () => asked.Count(task => task.IsCompleted) == asked.Length - Served);

        Assert.All(asked.Where(task => task.IsCompleted), task => AssertDenied(task.Result, HttpStatusCode.ServiceUnavailable));
        Front.Release("go");
        foreach (Task<(HttpStatusCode, string)> task in asked.Where(task => !task.IsCompleted).ToArray())
            Assert.Equal((HttpStatusCode.OK, Secret), await task);
    }

    [FrontFact]
    [Case(47, 117)]
    public async Task BackendThatStopsLetsNobodyInButWhoHadAskedBefore()
    {
        Task<string> asked = Client.GetStringAsync("secret/slow?until=go");
        await Front.CounterReachesAsync("held", 1);
        int backend = Front.BackendPid;
        Signals.Send(backend, Signals.Terminate);
        await Eventually.TrueAsync("it listens no more", () => !KernelView.ListenersAt(Backend.Socket).Intersect(KernelView.Descriptors(backend).Values).Any());

        for (int i = 0; i < 3; i++)
            AssertNotServed(await AskAsync(Client, "allowed"));

        Assert.False(asked.IsCompleted);
        Front.Release("go");
        Assert.Equal(Secret, await asked);
    }

    [FrontFact]
    [Case(47)]
    public async Task BackendThatIsKilledLetsNobodyIn()
    {
        Task<(HttpStatusCode, string)> asked = AskAsync(Client, "slow?until=never");
        await Front.CounterReachesAsync("held", 1);

        Signals.Send(Front.BackendPid, Signals.Kill);

        AssertNotServed(await asked);
        for (int i = 0; i < 3; i++)
            AssertNotServed(await AskAsync(Client, "allowed")); // nobody runs
    }

    /// <summary>END_REQUEST with UNKNOWN_ROLE alone would be a permission.</summary>
    [FrontFact]
    [Case(46, 47)]
    public async Task BackendThatIsNoAuthorizerLetsNobodyIn()
    {
        await RestartAsync(new Dictionary<string, string> { ["RESPONDER_AUTHORIZES"] = "0" });

        await AssertDeniedAsync(Client, "allowed", HttpStatusCode.ServiceUnavailable);
    }

    [FrontFact]
    [Case(47)]
    public async Task ManyAtOnceGetNoAnswerOfAnother()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            using HttpClient client = Front.NewClient();
            for (int i = 0; i < 10; i++)
            {
                if ((number + i) % 2 == 0)
                    Assert.Equal((HttpStatusCode.OK, Secret), await AskAsync(client, "allowed"));
                else
                    await AssertDeniedAsync(client, "failing", HttpStatusCode.InternalServerError);
            }
        }));
    }

    private static async Task AssertDeniedAsync(HttpClient client, string name, HttpStatusCode status) =>
        AssertDenied(await AskAsync(client, name), status);

    private static void AssertDenied((HttpStatusCode Status, string Text) answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.Status);
        Assert.DoesNotContain(Secret, answer.Text);
    }

    /// <summary>What lighttpd says itself when nobody answers it: 503 while it finds nobody, else 500.</summary>
    private static void AssertNotServed((HttpStatusCode Status, string Text) answer)
    {
        Assert.InRange((int)answer.Status, 500, 503);
        Assert.DoesNotContain(Secret, answer.Text);
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(HttpClient client, string name)
    {
        using HttpResponseMessage response = await client.GetAsync($"secret/{name}");
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Configuration(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        server.modules       = ( "mod_fastcgi" )
        server.bind          = "127.0.0.1"
        server.port          = {port}
        server.document-root = var.CWD + "/www"
        server.upload-dirs   = ( var.CWD )
        fastcgi.server = (
            "/secret/" => (( "socket" => "{Backend.Socket}", "mode" => "authorizer", "docroot" => var.CWD + "/www", "check-local" => "disable" )),
            "/secret/variables" => (( "socket" => "{Backend.Socket}" )),
            "/api/" => (( "socket" => "{Backend.Socket}", "check-local" => "disable" ))
        )

        """);
}
