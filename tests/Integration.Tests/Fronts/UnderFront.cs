using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Threading.Tasks;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>Each test of such a class has a front and a backend of its own; their logs are shown when the test fails.</summary>
public abstract class UnderFront(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly Lazy<(byte[] Bytes, string Sum)> Large = new(() =>
    {
        byte[] bytes = PatternOf(100 << 20);
        return (bytes, Checksum.Of(bytes));
    });

    protected abstract FrontSetup Setup { get; }

    /// <summary>Files of the front's folder, by name.</summary>
    protected virtual IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>();

    protected Front Front { get; private set; } = null!;

    protected HttpClient Client { get; private set; } = null!;

    /// <summary>100 MiB, made once for all tests.</summary>
    protected static byte[] LargeBody => Large.Value.Bytes;

    protected static string LargeChecksum => Large.Value.Sum;

    public Task InitializeAsync() => StartAsync(new Dictionary<string, string>());

    public async Task DisposeAsync()
    {
        Client.Dispose();
        output.WriteLine(Front.Log);
        await Front.DisposeAsync();
    }

    /// <summary>Front and backend anew, the latter with settings of its own.</summary>
    protected async Task RestartAsync(IReadOnlyDictionary<string, string> environment)
    {
        await DisposeAsync();
        await StartAsync(environment);
    }

    protected static byte[] PatternOf(int bytes)
    {
        byte[] body = new byte[bytes];
        Pattern.Fill(body, 0);
        return body;
    }

    private async Task StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        Front = await Front.StartAsync(Setup, environment, Files);
        Client = Front.NewClient();
    }
}
