using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Starts;

/// <summary>
/// What holds under every web server that runs what is in cgi-bin: the responder as it is, the appliance by a wrapper with settings.
/// What the responder answers there is asked as through every other front, by <see cref="FrontPromises"/>.
/// </summary>
public abstract class CgiFrontPromises(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly int _port = FreePort.Next();
    private Group _server = null!;
    private HttpClient _client = null!;

    /// <summary>A shell's command that becomes the web server, in the folder above www.</summary>
    protected abstract string Command(int port);

    /// <summary>
    /// Further files for that folder. They are to ask for admin's password at least at /cgi-bin/appliance/api/status and …/nothing, and not
    /// at …/health; those of all users are in the file passwords.
    /// </summary>
    protected abstract IReadOnlyDictionary<string, string> Files(int port);

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder.At("www/cgi-bin"));
        File.CreateSymbolicLink(_folder.At("www/cgi-bin/responder"), Machine.Responder);
        // The users are in the wrapper, since lighttpd's mod_cgi keeps its own environment to itself.
        string users = string.Join(' ', Logins.Settings.Select(user => $"{user.Key}={user.Value}"));
        await WrapAsync("appliance", $"{users} exec '{Machine.Appliance}' --settings '{Machine.Root}/rootfs/etc/appliance/appliance.json'");
        foreach ((string name, string content) in Files(_port))
            await File.WriteAllTextAsync(_folder.At(name), content);
        await File.WriteAllTextAsync(_folder.At("passwords"), Logins.PasswordFile);
        _server = new Group(_folder, $"exec {Command(_port)}");
        _client = Group.NewClient(_port);
        await _server.UntilItAnswersAsync(_port, "cgi-bin/appliance/api/health");
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            output.WriteLine(_server.Log);
            await _server.DisposeAsync();
        }
        _client?.Dispose();
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [FrontFact]
    [Case(108)]
    public async Task RoutesAnswerBelowTheProgram()
    {
        Assert.Equal("""{"status":"ok"}""", await _client.GetStringAsync("cgi-bin/appliance/api/health"));
        using (HttpResponseMessage refused = await _client.GetAsync("cgi-bin/appliance/api/status"))
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        _client.DefaultRequestHeaders.Authorization = Logins.Header(Logins.Admin);
        using JsonDocument status = JsonDocument.Parse(await _client.GetStringAsync("cgi-bin/appliance/api/status"));
        Assert.True(status.RootElement.GetProperty("uptime_seconds").GetDouble() > 0);
    }

    [FrontFact]
    [Case(108)]
    public async Task StatusAndFieldsComeBack()
    {
        _client.DefaultRequestHeaders.Authorization = Logins.Header(Logins.Admin);
        using HttpResponseMessage found = await _client.GetAsync("cgi-bin/appliance/api/health?a=1");
        Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        Assert.Equal("application/json", found.Content.Headers.ContentType!.ToString());
        await AssertProblemAsync(await _client.GetAsync("cgi-bin/appliance/api/nothing"), HttpStatusCode.NotFound);
        await AssertProblemAsync(await _client.DeleteAsync("cgi-bin/appliance/api/health"), HttpStatusCode.MethodNotAllowed);
    }

    [FrontFact]
    [Case(24, 108)]
    public async Task QueryAndFieldsArrive()
    {
        string query = "a=%2F%20%26&b=+&c=~-._&q=" + new string('x', 2000);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"cgi-bin/responder/api/variables?{query}");
        request.Headers.Add("X-Mine", "one");
        request.Headers.Add("Cookie", "a=1");
        request.Headers.Add("Proxy", "http://127.0.0.2/");
        using HttpResponseMessage response = await _client.SendAsync(request);
        using JsonDocument variables = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal("GET", Of("REQUEST_METHOD"));
        Assert.Equal(query, Of("QUERY_STRING"));
        Assert.Equal("127.0.0.1", Of("REMOTE_ADDR"));
        Assert.Equal("/cgi-bin/responder", Of("SCRIPT_NAME"));
        Assert.Equal("/api/variables", Of("PATH_INFO"));
        Assert.Equal("one", Of("HTTP_X_MINE"));
        Assert.Equal("a=1", Of("HTTP_COOKIE"));
        Assert.False(variables.RootElement.TryGetProperty("HTTP_PROXY", out _));

        string? Of(string name) => variables.RootElement.GetProperty(name).GetString();
    }

    [FrontFact]
    [Case(108)]
    public async Task AMebibyteComesBackWhileItIsSent()
    {
        byte[] body = PatternOf(1 << 20);
        using HttpResponseMessage response = await _client.PostAsync("cgi-bin/responder/api/echo", new ByteArrayContent(body));

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
    }

    [FrontFact]
    [Case(64, 108)]
    public async Task AClientThatLeavesLeavesNoProcessBehind()
    {
        using (RawClient client = await RawClient.ConnectAsync(_port))
        {
            await client.SendHeadAsync("GET", "/cgi-bin/responder/api/pattern?bytes=100000000");
            await client.ReadHeadAsync();
            client.HangUp();
        }

        await Eventually.TrueAsync("only the server is left", () => KernelView.GroupOf(_server.Pid).Count == 1);
    }

    private static byte[] PatternOf(int bytes)
    {
        byte[] body = new byte[bytes];
        Pattern.Fill(body, 0);
        return body;
    }

    private async Task WrapAsync(string name, string command)
    {
        string wrapper = _folder.At($"www/cgi-bin/{name}");
        await File.WriteAllTextAsync(wrapper, $"#!/bin/sh\n{command}\n");
        File.SetUnixFileMode(wrapper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
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
