using System.Collections.Generic;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fixture;

/// <summary>Each test of such a class has a lighttpd and a backend of its own; their log is shown when the test fails.</summary>
public abstract class UnderLighttpd : IAsyncLifetime
{
    private readonly string _program;
    private readonly IReadOnlyDictionary<string, string>? _environment;

    protected UnderLighttpd(string program, ITestOutputHelper output, IReadOnlyDictionary<string, string>? environment = null)
    {
        _program = program;
        Output = output;
        _environment = environment;
    }

    protected ITestOutputHelper Output { get; }

    protected Lighttpd Front { get; private set; } = null!;

    protected HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Front = await Lighttpd.StartAsync(_program, _environment);
        Client = Front.NewClient();
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        Output.WriteLine(Front.Log);
        await Front.DisposeAsync();
    }

    /// <summary>One of the responder's counters.</summary>
    protected async Task<long> CounterAsync(string name)
    {
        using HttpClient client = Front.NewClient();
        using JsonDocument counters = JsonDocument.Parse(await client.GetStringAsync("api/counters"));
        return counters.RootElement.GetProperty(name).GetInt64();
    }

    protected Task CounterReachesAsync(string name, long value) =>
        Eventually.TrueAsync($"{name} reaches {value}", async () => await CounterAsync(name) >= value);
}
