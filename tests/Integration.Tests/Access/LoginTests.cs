using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Access;

/// <summary>Who gets in through the lighttpd that ships: it checks passwords, the appliance checks roles.</summary>
public class LoginTests(ITestOutputHelper output) : UnderLighttpd("appliance", output)
{
    [NativeTheory]
    [InlineData("api/metrics", "scraper", "vera", "otto", "admin")]
    [InlineData("api/status", "vera", "otto", "admin")]
    [InlineData("api/responder", "otto", "admin")]
    public async Task ARightPasswordGetsWhatTheRoleMayHave(string path, params string[] admitted)
    {
        foreach (string user in new[] { "stranger", "scraper", "vera", "otto", "admin" })
        {
            using HttpClient client = Front.NewClient(user);
            using HttpResponseMessage response = await client.GetAsync(path);

            Assert.Equal((user, admitted.Contains(user) ? HttpStatusCode.OK : HttpStatusCode.Forbidden), (user, response.StatusCode));
            if (response.StatusCode == HttpStatusCode.Forbidden)
                Assert.Contains($"\\u0022{user}\\u0022", await response.Content.ReadAsStringAsync());
        }
    }

    [NativeTheory]
    [InlineData("admin", "wrong")]
    [InlineData("admin", "")]
    [InlineData("admin", "attic-doo")]
    [InlineData("admin", "attic-door ")]
    [InlineData("Admin", Logins.Password)]
    [InlineData("nobody", Logins.Password)]
    [InlineData("", Logins.Password)]
    [InlineData("", "")]
    public async Task AWrongPasswordGetsTheChallengeAndNothingElse(string user, string password)
    {
        using HttpClient client = Front.NewClient(user: null);
        client.DefaultRequestHeaders.Authorization = Logins.Header(user, password);
        using HttpResponseMessage response = await client.GetAsync("api/status");

        await IsChallenge(response);
    }

    [NativeFact]
    public async Task ARightPasswordIsStillNeededAfterItWasRightOnce()
    {
        for (int i = 0; i < 3; i++) // lighttpd remembers right ones
        {
            Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync("api/status")).StatusCode);
            using HttpClient client = Front.NewClient(user: null);
            await IsChallenge(await client.GetAsync("api/status"));
            client.DefaultRequestHeaders.Authorization = Logins.Header(Logins.Admin, "wrong");
            await IsChallenge(await client.GetAsync("api/status"));
        }
    }

    [NativeFact]
    public async Task BeforePasswordsAreMadeNobodyGetsIn()
    {
        File.Delete(Front.PasswordFile);
        foreach (string password in new[] { "", "admin", Logins.Password })
        {
            using HttpClient client = Front.NewClient(user: null);
            client.DefaultRequestHeaders.Authorization = Logins.Header(Logins.Admin, password);
            await IsChallenge(await client.GetAsync("api/status"));
        }
        File.WriteAllText(Front.PasswordFile, "");
        await IsChallenge(await Client.GetAsync("api/status"));
        File.WriteAllText(Front.PasswordFile, Logins.PasswordFile);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync("api/status")).StatusCode);
    }

    [NativeFact]
    public async Task HealthAndThePagesNeedNoLogin()
    {
        using HttpClient client = Front.NewClient(user: null);

        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync("api/health"));
        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync("api/health?x=/api/status"));
        Assert.Contains("<h1>", await client.GetStringAsync(""));
    }

    /// <summary>A front sends fields of the request as HTTP_…; none of these may arrive as the variable that mod_auth sets.</summary>
    [NativeTheory]
    [InlineData("Remote-User: admin")]
    [InlineData("REMOTE_USER: admin")]
    [InlineData("Remote_User: admin")]
    [InlineData("remote-user:admin")]
    [InlineData("HTTP_REMOTE_USER: admin")]
    [InlineData("X-Remote-User: admin", "X-Forwarded-User: admin", "X-Authenticated-User: admin", "Forwarded: for=127.0.0.1;user=admin")]
    [InlineData("Auth-Type: Basic", "Remote-User: admin", "Redirect-Remote-User: admin")]
    [InlineData("Authorization: Digest username=\"admin\", realm=\"appliance\", nonce=\"\", uri=\"/api/status\", response=\"\"")]
    [InlineData("Authorization: Bearer admin")]
    [InlineData("Authorization: Basic")]
    [InlineData("Authorization: basic YWRtaW46")]
    [InlineData("Authorization: Negotiate YWRtaW46", "Remote-User: admin")]
    [InlineData("Proxy-Authorization: Basic YWRtaW46YXR0aWMtZG9vcg==")]
    [InlineData("X-Original-URL: /api/health", "X-Rewrite-URL: /api/health")]
    [InlineData("X-HTTP-Method-Override: GET")]
    [InlineData("Cookie: REMOTE_USER=admin")]
    public async Task NoFieldOfARequestLogsIn(params string[] fields)
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", "/api/status", fields);

        Assert.Matches("^HTTP/1.1 (400|401) ", await client.ReadHeadAsync());
    }

    /// <summary>Whoever has a role keeps it, whoever he says he is.</summary>
    [NativeTheory]
    [InlineData("Remote-User: admin")]
    [InlineData("REMOTE_USER: admin")]
    [InlineData("Remote_User: admin")]
    public async Task NoFieldOfARequestChangesTheUser(string field)
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", "/api/status", field, $"Authorization: {Logins.Header("scraper")}");

        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadHeadAsync());
        using JsonDocument problem = JsonDocument.Parse(await client.ReadToEndAsync());
        Assert.Equal("user \"scraper\" has the role metrics; this needs viewer", problem.RootElement.GetProperty("detail").GetString());
    }

    /// <summary>Ways to say a path so that the one who asks for a login and the one who answers understand it differently.</summary>
    [NativeTheory]
    [InlineData("/api/status")]
    [InlineData("/api/health/../status")]
    [InlineData("/api/health/%2e%2e/status")]
    [InlineData("/api/health/..%2fstatus")]
    [InlineData("/api/health%2f..%2fstatus")]
    [InlineData("/api/health/..;/status")]
    [InlineData("/api/health;/../status")]
    [InlineData("/api/./status")]
    [InlineData("/api//status")]
    [InlineData("//api/status")]
    [InlineData("///api///status")]
    [InlineData("/./api/status")]
    [InlineData("/x/../api/status")]
    [InlineData("/%61pi/status")]
    [InlineData("/api%2fstatus")]
    [InlineData("/api/%73tatus")]
    [InlineData("/api/%2573tatus")]
    [InlineData("/api/status%00")]
    [InlineData("/api/status%00/api/health")]
    [InlineData("/api/health%00/../status")]
    [InlineData("/api/status/")]
    [InlineData("/api/status/api/health")]
    [InlineData("/api/status;/api/health")]
    [InlineData("/api/status?/api/health")]
    [InlineData("/api/status?x=/api/health")]
    [InlineData("/api/status#/api/health")]
    [InlineData("/api/status%3f/api/health")]
    [InlineData("/api/status%23/api/health")]
    [InlineData("/api/status%0a")]
    [InlineData("/api/status%20")]
    [InlineData("/api/health/")]
    [InlineData("/api/health/status")]
    [InlineData("/api/health/../../api/status")]
    [InlineData("/api/health%2f")]
    [InlineData("/api/health%20")]
    [InlineData("/api/healthy")]
    [InlineData("/API/status")]
    [InlineData("/Api/Status")]
    [InlineData("/api\\status")]
    [InlineData("/api%5cstatus")]
    [InlineData("http://127.0.0.1/api/status")]
    [InlineData("http://127.0.0.1/api/health/../status")]
    [InlineData("http://127.0.0.1/api/status?http://127.0.0.1/api/health")]
    [InlineData("api/status")]
    [InlineData("/api/")]
    [InlineData("/api/nothing")]
    public async Task NoSpellingOfAPathGetsAroundTheLogin(string target)
    {
        foreach (string method in new[] { "GET", "HEAD", "POST", "OPTIONS", "CONNECT", "PROPFIND" })
        {
            using RawClient client = await RawClient.ConnectAsync(Front.Port);
            await client.SendHeadAsync(method, target, "Content-Length: 0");
            string head = await client.ReadHeadAsync();

            // 404, 405 and 501 are those of lighttpd for what is not below /api/: the backend has never heard of the request.
            Assert.True(head.StartsWith("HTTP/1.1 4") || head.StartsWith("HTTP/1.1 501 "), $"{method} {target}: {head}");
            Assert.True(!head.Contains("problem+json") || head.StartsWith("HTTP/1.1 401 "), $"{method} {target}: {head}");
        }
        Assert.DoesNotContain("warning: ", Front.Log);
    }

    /// <summary>The same behind the login: whoever has too small a role does not get around it either.</summary>
    [NativeTheory]
    [InlineData("/api/status")]
    [InlineData("/api/health/../status")]
    [InlineData("/api/./status")]
    [InlineData("//api//status")]
    [InlineData("/api/%73tatus")]
    [InlineData("/api/status/")]
    [InlineData("/api/status/x")]
    [InlineData("/api/status%2f")]
    [InlineData("/api/status%20")]
    [InlineData("/API/status")]
    [InlineData("/api/health/..%2fstatus")]
    [InlineData("http://127.0.0.1/api/status")]
    public async Task NoSpellingOfAPathGetsAroundTheRole(string target)
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("GET", target, $"Authorization: {Logins.Header("scraper")}");

        Assert.Matches("^HTTP/1.1 (403|404) ", await client.ReadHeadAsync());
    }

    [NativeFact]
    public async Task ALoginIsForItsOwnRequestAndNotForTheConnection()
    {
        const string Head = "GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\n";
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendAsync(Encoding.ASCII.GetBytes(
            $"{Head}Authorization: {Logins.Header(Logins.Admin)}\r\n\r\n{Head}\r\n{Head}Authorization: {Logins.Header("scraper")}\r\nConnection: close\r\n\r\n"));
        string answers = Encoding.UTF8.GetString(await client.ReadToEndAsync());

        Assert.Equal(["200", "401", "403"], Regex.Matches(answers, "HTTP/1.1 ([0-9]+)").Select(match => match.Groups[1].Value));
    }

    /// <summary>With prior knowledge, as programs speak it without TLS; browsers do with TLS.</summary>
    [NativeFact]
    public async Task TheSameHoldsForHttp2()
    {
        using HttpClient client = Front.NewClient(user: null);
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.DefaultRequestHeaders.TryAddWithoutValidation("remote_user", Logins.Admin);
        client.DefaultRequestHeaders.TryAddWithoutValidation("remote-user", Logins.Admin);

        using HttpResponseMessage response = await client.GetAsync("api/status");
        Assert.Equal(HttpVersion.Version20, response.Version);
        await IsChallenge(response);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/health")).StatusCode);
        client.DefaultRequestHeaders.Authorization = Logins.Header("scraper");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("api/status")).StatusCode);
        client.DefaultRequestHeaders.Authorization = Logins.Header(Logins.Admin);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/status")).StatusCode);
        client.DefaultRequestHeaders.Host = "evil.example";
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.GetAsync("api/status")).StatusCode);
    }

    [NativeFact]
    public void NothingIsShippedThatAnybodyCouldLogInWith()
    {
        foreach (string file in Directory.EnumerateFiles($"{Machine.Root}/rootfs", "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotMatch("passwd|password|shadow", Path.GetFileName(file));
            Assert.DoesNotMatch(@"(?m)^[^#\s:]+:(\$|\{SHA\})", File.ReadAllText(file));
        }
    }

    [NativeFact]
    public async Task AnswersBelowTheApiLoadNothingWhoeverMadeThem()
    {
        using HttpClient stranger = Front.NewClient(user: null);
        foreach (HttpResponseMessage response in new[]
        {
            await Client.GetAsync("api/status"), await Client.GetAsync("api/nothing"), await stranger.GetAsync("api/status"), await stranger.GetAsync("api/health"),
        })
        {
            foreach ((string field, string value) in new[]
            {
                ("X-Content-Type-Options", "nosniff"),
                ("X-Frame-Options", "DENY"),
                ("Referrer-Policy", "no-referrer"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
            })
            {
                Assert.Equal([value], response.Headers.GetValues(field));
            }
            response.Dispose();
        }
    }

    private static async Task IsChallenge(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Basic realm=\"appliance\", charset=\"UTF-8\"", response.Headers.WwwAuthenticate.Single().ToString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(401, problem.RootElement.GetProperty("status").GetInt32());
    }
}
