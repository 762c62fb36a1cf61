using System;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>Bodies far larger than the device's memory should have to hold. The kernel says how much the backend had at most.</summary>
public class ConstantMemoryTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    private const long Mebibyte = 1 << 20;
    private const long Large = 100 * Mebibyte;

    /// <summary>Twice what was measured; a twelfth of the body.</summary>
    private const long MostMemory = 8 * Mebibyte;

    [NativeTheory]
    [InlineData("")]
    [InlineData("&length=no")]
    public async Task LargeResponseTakesConstantMemory(string options)
    {
        using HttpResponseMessage response =
            await Client.GetAsync($"api/pattern?bytes={Large}{options}", HttpCompletionOption.ResponseHeadersRead);
        using Stream body = await response.Content.ReadAsStreamAsync();

        await AssertIsPatternAsync(body, from: 0);
        AssertMemoryIsBounded();
    }

    [NativeFact]
    public async Task ClientThatDoesNotReadHoldsTheHandlerAndNotTheBytes()
    {
        using RawClient client = await RawClient.ConnectAsync(Front.Port, receiveBuffer: 64 * 1024);
        await client.SendHeadAsync("GET", $"/api/pattern?bytes={Large}");
        string head = await client.ReadHeadAsync();
        Assert.Equal(Large, RawClient.ContentLengthOf(head));

        long underWay = await StandstillAsync(() => CounterAsync("pattern_bytes"));
        Assert.InRange(underWay, 1, 8 * Mebibyte); // in the buffers of two sockets and in lighttpd's
        AssertMemoryIsBounded();

        byte[] buffer = new byte[256 * 1024];
        long offset = 0;
        int read;
        while ((read = await client.ReadAsync(buffer)) > 0)
        {
            Assert.True(Pattern.Matches(buffer.AsSpan(0, read), offset), $"wrong bytes near {offset}");
            offset += read;
        }
        Assert.Equal(Large, offset);
        AssertMemoryIsBounded();
    }

    [NativeFact]
    public async Task HandlerThatDoesNotReadLeavesTheBytesToTheFront()
    {
        const int Bytes = 32 << 20;
        byte[] body = new byte[Bytes];
        Pattern.Fill(body, 0);
        long sent = 0;
        using RawClient client = await RawClient.ConnectAsync(Front.Port);
        await client.SendHeadAsync("POST", "/api/checksum?until=go", $"Content-Length: {Bytes}");
        Task sending = SendInPiecesAsync();

        await CounterReachesAsync("held", 1);
        // How far the client comes is lighttpd's business: 1.4.69 puts what the backend does not take into temporary files.
        await StandstillAsync(() => Task.FromResult(Interlocked.Read(ref sent)));
        AssertMemoryIsBounded();

        Front.Release("go");
        string head = await client.ReadHeadAsync();
        await sending;
        using JsonDocument answer = JsonDocument.Parse(await client.ReadExactlyAsync((int)RawClient.ContentLengthOf(head)));
        Assert.Equal(Bytes, answer.RootElement.GetProperty("bytes").GetInt64());
        Assert.Equal(Checksum.Of(body), answer.RootElement.GetProperty("checksum").GetString());
        AssertMemoryIsBounded();

        async Task SendInPiecesAsync()
        {
            const int Piece = 64 * 1024;
            for (int at = 0; at < Bytes; at += Piece)
            {
                await client.SendAsync(body.AsMemory(at, Piece));
                Interlocked.Add(ref sent, Piece);
            }
        }
    }

    /// <summary>Waits until a count grows no more, and says how far it came.</summary>
    private static async Task<long> StandstillAsync(Func<Task<long>> count)
    {
        long last = -1;
        await Eventually.TrueAsync("a standstill", async () =>
        {
            long before = last;
            last = await count();
            if (last == before)
                return true;
            await Task.Delay(300); // between two looks: who is not held moves on in any 300 ms
            return false;
        });
        return last;
    }

    private static async Task AssertIsPatternAsync(Stream body, long from)
    {
        byte[] buffer = new byte[256 * 1024];
        long offset = from;
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
        {
            Assert.True(Pattern.Matches(buffer.AsSpan(0, read), offset), $"wrong bytes near {offset}");
            offset += read;
        }
        Assert.Equal(Large, offset);
    }

    private void AssertMemoryIsBounded()
    {
        long peak = KernelView.PeakResidentBytes(Front.BackendPid());
        Output.WriteLine($"the backend's peak: {peak / 1024} KiB");
        Assert.InRange(peak, 1, MostMemory);
    }
}
