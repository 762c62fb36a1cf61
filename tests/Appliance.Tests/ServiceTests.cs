using System;
using System.Linq;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using Xunit;

namespace Appliance.Tests;

/// <summary>What the program tells of itself, and what it does with settings that change.</summary>
public class ServiceTests
{
    [Fact]
    public async Task TheResponderTellsItsFigures()
    {
        await using var service = new RunningService("""{"Limits": {"Connections": 17, "QueuedRequests": 5}}""");
        await service.AskAsync();
        await service.AskAsync(("CONTENT_LENGTH", "x"));
        JsonElement figures = await ResponderAsync(service);

        Assert.Equal(ProgramVersion.Text, figures.GetProperty("version").GetString());
        Assert.Equal(Environment.ProcessId, figures.GetProperty("pid").GetInt32());
        Assert.InRange(figures.GetProperty("start_time").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow);
        Assert.InRange(figures.GetProperty("uptime_seconds").GetDecimal(), 0, 120);
        Assert.InRange(figures.GetProperty("memory").GetProperty("resident_bytes").GetInt64(), 1 << 20, 1L << 40);
        Assert.Equal(3, Number(figures, "connections", "accepted"));
        Assert.Equal(17, Number(figures, "connections", "limit"));
        Assert.Equal(3, Number(figures, "requests", "total"));
        Assert.Equal(1, Number(figures, "requests", "refused"));
        Assert.Equal(1, Number(figures, "requests", "active"));
        Assert.Equal(5, Number(figures, "blocking", "queue_limit"));
        Assert.InRange(Number(figures, "bytes", "received"), 100, 10_000);
        JsonElement itself = Assert.Single(figures.GetProperty("open_requests").EnumerateArray());
        Assert.Equal("running", itself.GetProperty("stage").GetString());
        Assert.Equal("GET", itself.GetProperty("method").GetString());
        Assert.Equal("/api/responder?a=%20b", itself.GetProperty("uri").GetString());
        Assert.False(itself.TryGetProperty("content_length", out _));
    }

    [Fact]
    public async Task ItListsMoreOpenRequestsThanAHandlerMayKeepUnsent()
    {
        const int Open = 2000;
        await using var service = new RunningService($$"""{"Limits": {"RequestsPerConnection": {{Open}}, "UnflushedBytes": 65536} }""");
        using var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await front.ConnectAsync(new UnixDomainSocketEndPoint(service.At("socket")));
        await front.SendAsync(Begin(Open));
        Assert.True(SpinWait.SpinUntil(() => service.Service.Server.OpenRequests().Count == Open, TimeSpan.FromSeconds(20)));
        JsonElement[] open = [.. (await ResponderAsync(service)).GetProperty("open_requests").EnumerateArray()];
        Assert.Equal(Open, open.Count(request => request.GetProperty("stage").GetString() == "reading parameters"));
    }

    [Fact]
    public async Task AReloadChangesWhatTheNextRequestsGet()
    {
        await using var service = new RunningService();
        await service.AskAsync();
        service.Settings = """{"Limits": {"Connections": 3, "BodyBytes": 10}}""";
        service.Reload();

        Assert.Equal("413 Content Too Large", (await service.AskAsync(("CONTENT_LENGTH", "11"))).Header("Status"));
        Assert.Equal(3, Number(await ResponderAsync(service), "connections", "limit"));
        Assert.Equal(4, Number(await ResponderAsync(service), "connections", "accepted"));
    }

    [Theory]
    [InlineData("""{"Limits": {"BodyBytes": 10, "Nonsense": 1}}""")]
    [InlineData("""{"Limits": {"BodyBytes": 10}""")]
    [InlineData("""{"Limits": {"BodyBytes": 10}, "Log": {"Access": "/nonexistent/access"}}""")]
    public async Task SettingsThatCannotBeUsedChangeNothing(string settings)
    {
        await using var service = new RunningService("""{"Limits": {"BodyBytes": 20}}""");
        service.Settings = settings;
        service.Reload();
        Assert.Equal("413 Content Too Large", (await service.AskAsync(("CONTENT_LENGTH", "21"))).Header("Status"));
        Assert.Equal("400 Bad Request", (await service.AskAsync(("CONTENT_LENGTH", "x"))).Header("Status"));
        Assert.Equal(20L, service.Service.Settings.Limits.MaxBodyBytes);
    }

    private static byte[] Begin(int requests)
    {
        byte[] records = new byte[requests * (RecordHeader.Length + BeginRequestBody.Length)];
        var writer = new RecordWriter(records);
        for (int id = 1; id <= requests; id++)
            writer.WriteBeginRequest((ushort)id, new BeginRequestBody(Role.Responder, RequestFlags.KeepConnection));
        return records;
    }

    private static async Task<JsonElement> ResponderAsync(RunningService service)
    {
        FrontAnswer answer = await service.AskAsync(("SCRIPT_NAME", "/api/responder"), ("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic"), ("QUERY_STRING", "a=%20b"));
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        using JsonDocument document = JsonDocument.Parse(answer.Body);
        return document.RootElement.Clone();
    }

    private static long Number(JsonElement figures, string section, string name) => figures.GetProperty(section).GetProperty(name).GetInt64();
}
