using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.Lifetime;

/// <summary>SIGHUP reads the settings again, in the appliance under lighttpd.</summary>
public sealed class ReloadTests : IAsyncLifetime, IDisposable
{
    private const string Turn = "api/turn";

    private readonly WorkFolder _folder = new();
    private Lighttpd _front = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _front = await Lighttpd.StartAsync("appliance");
        File.Delete(_front.SettingsFile); // the link to those that ship
        Write("{}");
        _client = _front.NewClient();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _front.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task LimitsLevelAndAccessLogChangeWithoutARestart()
    {
        int backend = _front.BackendPid();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await PostAsync(bytes: 100));

        await ReloadAsync("""{"Limits": {"BodyBytes": 10, "Connections": 33}, "Log": {"Access": "ACCESS", "AccessFormat": "%m %U %s"}}""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(bytes: 100));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await PostAsync(bytes: 10));
        using JsonDocument figures = JsonDocument.Parse(await _client.GetStringAsync("api/responder"));
        Assert.Equal(33, figures.RootElement.GetProperty("connections").GetProperty("limit").GetInt32());
        Assert.Equal(backend, figures.RootElement.GetProperty("pid").GetInt32());
        await Eventually.TrueAsync("three lines of access log", () => Lines().Length == 3);
        Assert.Equal(["POST /api/health 413", "POST /api/health 405", "GET /api/responder 200"], Lines());

        // A rotation: what is renamed gets no more.
        File.Move(_folder.At("access"), _folder.At("access.1"));
        await ReloadAsync("""{"Log": {"Access": "ACCESS", "AccessFormat": "again %s", "Level": "warning"}}""", said: false);
        await Eventually.TrueAsync("the file is there again", () => File.Exists(_folder.At("access")));
        await Eventually.TrueAsync("a line in it", async () =>
        {
            await _client.GetStringAsync("api/health");
            return File.ReadAllText(_folder.At("access")).Contains("again 200\n", StringComparison.Ordinal);
        });
        Assert.DoesNotContain("again", File.ReadAllText(_folder.At("access.1")));
        Assert.Equal(backend, _front.BackendPid());
    }

    [NativeFact]
    public async Task ABrokenFileIsOneErrorLineAndChangesNothing()
    {
        await ReloadAsync("""{"Limits": {"BodyBytes": 10}}""");
        Write("{\n  \"Limits\": {\n    \"BodyBytes\": ten\n  }\n}\n");
        Signals.Send(_front.BackendPid(), Signals.HangUp);
        await Eventually.TrueAsync("the error", () => _front.Log.Contains(" error: settings not read again, the old ones stay: ", StringComparison.Ordinal));

        Assert.Contains("appliance.json:3:", _front.Log);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(bytes: 100));
    }

    [NativeFact]
    [Case(117)]
    public async Task SigUsr1IsAGracefulStop()
    {
        int before = _front.BackendPid();

        Signals.Send(before, Signals.User1);

        await Eventually.TrueAsync("it ends", () => !KernelView.IsRunning(before));
        await _front.AnswersAsync();
        Assert.Contains("child exited: 0 ", _front.Log);
    }

    private async Task ReloadAsync(string settings, bool said = true)
    {
        Write(settings);
        int before = Count();
        Signals.Send(_front.BackendPid(), Signals.HangUp);
        if (said)
            await Eventually.TrueAsync("the settings are read again", () => Count() > before);
        (await _client.GetAsync(Turn)).Dispose(); // the change is made between two turns of the loop
    }

    private string[] Lines() => [.. File.ReadAllLines(_folder.At("access")).Where(line => !line.Contains(Turn, StringComparison.Ordinal))];

    private int Count() => _front.Log.Split(" information: settings read again").Length;

    private void Write(string settings) =>
        File.WriteAllText(_front.SettingsFile, settings.Replace("ACCESS", _folder.At("access"), StringComparison.Ordinal));

    private async Task<HttpStatusCode> PostAsync(int bytes)
    {
        using var content = new StringContent(new string('x', bytes), Encoding.ASCII);
        using HttpResponseMessage answer = await _client.PostAsync("api/health", content);
        return answer.StatusCode;
    }
}
