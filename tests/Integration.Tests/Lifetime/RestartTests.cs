using System;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Lifetime;

/// <summary>The end of a backend, wanted or not, and the beginning of the next one.</summary>
public class RestartTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    [NativeFact]
    public async Task RestartOfLighttpdRestartsTheBackend()
    {
        for (int i = 0; i < 3; i++)
        {
            int before = Front.BackendPid();
            await Front.StopAsync();
            Assert.False(KernelView.IsRunning(before));

            await Front.StartAsync();

            Assert.NotEqual(before, Front.BackendPid());
            Assert.Equal("number=1", await Client.GetStringAsync("api/query?number=1"));
        }
    }

    [NativeFact]
    [Case(116, 119)]
    public async Task SigtermLetsTheRequestInFlightFinish()
    {
        int before = Front.BackendPid();
        Task<string> held = Client.GetStringAsync("api/held?until=go");
        await CounterReachesAsync("held", 1);

        Signals.Send(before, Signals.Terminate);
        await ListensNoMoreAsync(before);
        Assert.True(KernelView.IsRunning(before));
        Assert.False(held.IsCompleted);
        Front.Release("go");

        Assert.Equal("first\nlast\n", await held);
        await AnotherAnswersAfterAsync(before);
        Assert.Contains("child exited: 0 ", Front.Log); // lighttpd's words
        Assert.Contains(" information: stopped", Front.Log);
    }

    [NativeFact]
    [Case(116)]
    public async Task SigtermLetsALongResponseFinish()
    {
        const int Bytes = 100 << 20;
        int before = Front.BackendPid();
        using RawClient client = await RawClient.ConnectAsync(Front.Port, receiveBuffer: 64 * 1024);
        await client.SendHeadAsync("GET", $"/api/pattern?bytes={Bytes}");
        await client.ReadHeadAsync();

        Signals.Send(before, Signals.Terminate);
        await ListensNoMoreAsync(before);
        byte[] body = await client.ReadToEndAsync();

        Assert.Equal(Bytes, body.Length);
        Assert.True(Pattern.Matches(body, 0));
        await AnotherAnswersAfterAsync(before);
        Assert.Contains("child exited: 0 ", Front.Log);
    }

    [NativeFact]
    [Case(116)]
    public async Task SigtermLetsABodyArriveWhole()
    {
        byte[] body = new byte[1 << 20];
        Pattern.Fill(body, 0);
        int half = body.Length / 2;
        int before = Front.BackendPid();
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/echo", $"Content-Length: {body.Length}");
        await client.SendAsync(body.AsMemory(0, half));
        await client.ReadHeadAsync(); // the first bytes come back

        Signals.Send(before, Signals.Terminate);
        await ListensNoMoreAsync(before);
        Task sending = client.SendAsync(body.AsMemory(half));

        Assert.Equal(body, await client.ReadToEndAsync());
        await sending;
        await AnotherAnswersAfterAsync(before);
        Assert.Contains("child exited: 0 ", Front.Log);
    }

    [NativeFact]
    [Case(116, 119)]
    public async Task SigtermEndsAnIdleBackendAtOnce()
    {
        int before = Front.BackendPid();

        Signals.Send(before, Signals.Terminate);

        await AnotherAnswersAfterAsync(before);
        Assert.Contains("child exited: 0 ", Front.Log);
    }

    [NativeFact]
    [Case(117)]
    public async Task SecondSigtermDoesNotWaitForRequests()
    {
        int before = Front.BackendPid();
        Task<HttpResponseMessage> held = Client.GetAsync("api/held?until=never");
        await CounterReachesAsync("held", 1);

        Signals.Send(before, Signals.Terminate);
        await ListensNoMoreAsync(before);
        Signals.Send(before, Signals.Terminate);

        await AnotherAnswersAfterAsync(before);
        await Assert.ThrowsAsync<HttpRequestException>(() => held); // broken off, and seen to be
        Assert.Contains("child exited: 0 ", Front.Log);
    }

    [NativeFact]
    public async Task KilledBackendIsReplaced()
    {
        int before = Front.BackendPid();
        Task<HttpResponseMessage> held = Client.GetAsync("api/held?until=never");
        await CounterReachesAsync("held", 1);

        Signals.Send(before, Signals.Kill);

        await AnotherAnswersAfterAsync(before);
        await Assert.ThrowsAsync<HttpRequestException>(() => held);
    }

    /// <summary>Others, elsewhere on this machine, may listen at a socket of the same name.</summary>
    private Task ListensNoMoreAsync(int backend) => Eventually.TrueAsync(
        "it listens no more",
        () => !KernelView.ListenersAt(Front.BackendSocketAsBound).Intersect(KernelView.Descriptors(backend).Values).Any());

    private async Task AnotherAnswersAfterAsync(int before)
    {
        await Eventually.TrueAsync("the old one ends", () => !KernelView.IsRunning(before));
        await Front.AnswersAsync();
        Assert.NotEqual(before, Front.BackendPid());
    }
}
