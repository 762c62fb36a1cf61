using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Appliance.Settings;
using Appliance.Status;
using Appliance.Tests.Status;
using Xunit;

namespace Appliance.Tests.OpenApi;

/// <summary>rootfs/usr/share/appliance/openapi.json beside what the routes really send.</summary>
public sealed class OpenApiTests : IDisposable
{
    private static readonly JsonDocument Shipped =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "shipped", "openapi.json")));

    private readonly FixtureDevice _device = new();
    private readonly JsonSchema _schema = new(Shipped.RootElement);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void EveryRouteIsDescribedAndNothingElse()
    {
        var routes = new Routes(new ApplianceSettings());
        var described = Shipped.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        Assert.Equal(
            routes.Entries.Select(entry => $"{Encoding.ASCII.GetString(entry.Method)} {Encoding.ASCII.GetString(entry.Path)}").Order(),
            described.Order());
    }

    [Fact]
    public void EveryRouteSendsWhatIsDescribed()
    {
        foreach (Routes.Entry entry in new Routes(new ApplianceSettings()).Entries)
        {
            JsonElement answer = Operation(Encoding.ASCII.GetString(entry.Path)).GetProperty("responses").GetProperty("200");
            Assert.Equal(
                entry.Sends.Select(type => Encoding.ASCII.GetString(type.ContentType)).Order(),
                answer.GetProperty("content").EnumerateObject().Select(content => content.Name).Order());
        }
    }

    [Fact]
    public void EveryReferenceLeadsSomewhere()
    {
        foreach (JsonElement reference in References(Shipped.RootElement))
        {
            JsonElement at = Shipped.RootElement;
            foreach (string step in reference.GetString()!.Split('/')[1..])
                Assert.True(at.TryGetProperty(step, out at), reference.GetString());
        }
    }

    [Fact]
    public void TheStatusIsAsDescribedAndHasAllThatIsDescribed()
    {
        var time = new ManualTime();
        DeviceStatus status = _device.Status(
            path => path.EndsWith("/tmp", StringComparison.Ordinal) ? new FilesystemSize("Input/output error") : FixtureDevice.AnySize(path), time);
        _device.Put("proc/net/dev", $"{File.ReadAllText(Path.Combine(_device.Roots.Proc, "net/dev"))} bad: 1\n"); // for a reason in "unavailable"
        AssertValid("Status", FixtureDevice.Write(status));
        _device.Put("proc/stat", File.ReadAllText(Path.Combine(_device.Roots.Proc, "stat")).Replace(" 30000 ", " 30100 ", StringComparison.Ordinal)
            .Replace(" 60000 ", " 60200 ", StringComparison.Ordinal));
        time.Advance(TimeSpan.FromSeconds(1));
        AssertValid("Status", FixtureDevice.Write(status));

        Assert.Empty(_schema.PropertiesOf("Status").Except(_schema.Seen));
        string[] members = [.. Operation("/api/status").GetProperty("parameters")[0].GetProperty("schema").GetProperty("items").GetProperty("enum")
            .EnumerateArray().Select(name => name.GetString()!)];
        Assert.Equal(status.Parts.Select(part => part.Name), members);
    }

    [Fact]
    public void AnEventIsAsDescribedAndHasAllThatIsDescribed()
    {
        DeviceStatus status = _device.Status();
        string text = Encoding.UTF8.GetString(StatusStreamHandler.EventOf(status, 7));
        Assert.StartsWith("id: 7\ndata: {", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
        AssertValid("StatusEvent", text["id: 7\ndata: ".Length..^2]);
        Assert.Equal(
            status.Parts.Where(part => part.IsFast).Select(part => part.Name).Append("unavailable"),
            Shipped.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("StatusEvent").GetProperty("properties")
                .EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task LiveAnswersOfThisMachineAreAsDescribed()
    {
        await using var service = new RunningService();
        (string, string)[] login = [("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic")];
        foreach ((string path, string schema) in new[]
            { ("/api/health", "Health"), ("/api/status", "Status"), ("/api/status", "Status"), ("/api/responder", "Responder") })
        {
            FrontAnswer answer = await service.AskAsync([("SCRIPT_NAME", path), .. login]);
            Assert.Equal("200 OK", answer.Header("Status"));
            AssertValid(schema, answer.Body);
        }
        AssertValid("Problem", (await service.AskAsync(("SCRIPT_NAME", "/api/status"))).Body);
        AssertValid("Problem", (await service.AskAsync([("SCRIPT_NAME", "/api/status"), ("QUERY_STRING", "fields=weather"), .. login])).Body);
    }

    [Theory]
    [InlineData("""{"status":"ok","more":1}""", "Health has more, which is not documented")]
    [InlineData("""{}""", "Health lacks status")]
    [InlineData("""{"status":1}""", "Health.status is 1 and not of type string")]
    [InlineData("""{"status":"bad"}""", "Health.status is \"bad\" and none of [\"ok\"]")]
    [InlineData("[]", "Health is [] and not of type object")]
    public void TheCheckFindsWhatIsWrong(string json, string fault)
    {
        using JsonDocument value = JsonDocument.Parse(json);
        Assert.Contains(fault, _schema.Check("Health", value.RootElement));
    }

    private void AssertValid(string schema, string json)
    {
        using JsonDocument value = JsonDocument.Parse(json);
        Assert.Empty(_schema.Check(schema, value.RootElement));
    }

    private static JsonElement Operation(string path) => Shipped.RootElement.GetProperty("paths").GetProperty(path).GetProperty("get");

    private static IEnumerable<JsonElement> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(
            member => member.Name == "$ref" ? [member.Value] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
