using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Soak;

/// <summary>Two hundred thousand requests through a front, every answer compared, and what the backend holds before and after.</summary>
[Trait("Category", "Soak")]
public abstract class SoakTests(ITestOutputHelper output) : UnderFront(output)
{
    private const int Requests = 200_000;
    private const int WarmUp = 50_000;
    private const int Clients = 16;
    private const int ReconnectEvery = 1000; // connections of clients come and go too
    private const long MostGrowth = 256 * 1024; // bytes; 2 for each request would be seen
    private const int MostOwnFaults = Requests / 1000;
    private readonly ITestOutputHelper _output = output;

    [FrontFact]
    public async Task NoWrongAnswerAndNothingGrows()
    {
        IReadOnlyList<string> wrong = await AskAsync(0, WarmUp);
        (int Descriptors, long Resident) warm = Held();
        var clock = Stopwatch.StartNew();

        wrong = [.. wrong, .. await AskAsync(WarmUp, Requests)];

        double seconds = clock.Elapsed.TotalSeconds;
        (int Descriptors, long Resident) end = Held();
        int faults = await Front.OwnFaultsAsync();
        // scripts/test prints lines that begin so.
        _output.WriteLine(
            $"figures: {GetType().Name}: {Requests} requests, {wrong.Count} wrong answers, {Requests / seconds:F0} per second; of the backend, " +
            $"before and after: {warm.Descriptors} and {end.Descriptors} descriptors, {warm.Resident / 1024} and {end.Resident / 1024} KiB resident" +
            (Setup.MarkOfOwnFault is null ? "" : $"; {faults} error pages that the front has logged as its own fault"));
        Assert.All(wrong.Take(10), Assert.Fail);
        Assert.InRange(faults, 0, MostOwnFaults);
        Assert.InRange(end.Resident, 0, warm.Resident + MostGrowth);
        // A front may still have a connection open that it is done with.
        await Eventually.TrueAsync($"{warm.Descriptors} descriptors as before", () => Held().Descriptors <= warm.Descriptors);
    }

    private (int Descriptors, long Resident) Held() =>
        (KernelView.Descriptors(Front.BackendPid).Count, KernelView.ResidentBytes(Front.BackendPid));

    private async Task<IReadOnlyList<string>> AskAsync(int first, int count)
    {
        var wrong = new ConcurrentQueue<string>();
        int next = first;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            using var client = new KeptClient(Front.Port);
            int asked = 0;
            for (int number; (number = Interlocked.Increment(ref next) - 1) < first + count;)
            {
                if (++asked % ReconnectEvery == 0)
                    client.Dispose();
                try
                {
                    await AskAsync(client, number, wrong);
                }
                catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or FormatException)
                {
                    wrong.Enqueue($"request {number}: {e.Message}");
                    client.Dispose();
                }
            }
        })));
        return [.. wrong];
    }

    private async Task AskAsync(KeptClient client, int number, ConcurrentQueue<string> wrong)
    {
        var request = new SoakRequest(number);
        byte[] body = Setup.MarkOfOwnFault is null
            ? await client.AskAsync(request.Bytes)
            : await Front.Faults.AskAsync(() => client.AskAsync(request.Bytes), _ => (client.Status, client.Field("content-type")));
        if (!request.IsAnsweredBy(client.Status, client.Head, body))
            wrong.Enqueue($"request {number}: status {client.Status}, {body.Length} bytes");
    }
}

[Needs("lighttpd")]
public class LighttpdSoakTests(ITestOutputHelper output) : SoakTests(output)
{
    protected override FrontSetup Setup => LighttpdLaunchedTests.AsShipped;
}

[Needs("spawn-fcgi", "nginx")]
public class NginxKeepConnSoakTests(ITestOutputHelper output) : SoakTests(output)
{
    protected override FrontSetup Setup { get; } = NginxTests.Nginx(keepConn: true, buffersResponses: true, buffersRequests: true);
}

[Needs("spawn-fcgi", "haproxy")]
public class HaProxyMultiplexedSoakTests(ITestOutputHelper output) : SoakTests(output)
{
    protected override FrontSetup Setup => HaProxyMultiplexedTests.Multiplexed;
}
