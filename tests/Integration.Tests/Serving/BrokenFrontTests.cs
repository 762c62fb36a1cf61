using System;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>Bytes that are no FastCGI, straight into the backend's Unix socket: whoever sends them is alone with the consequence.</summary>
public class BrokenFrontTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    [NativeTheory]
    [Case(5)]
    [InlineData("474554202F20485454502F312E310D0A0D0A", "71")] // GET / HTTP/1.1: version 71
    [InlineData("0201000100080000000100000000000000", "2")] // version 2
    [InlineData("0101000100070000000100000000000000", "7")] // BEGIN_REQUEST of 7 bytes
    [InlineData("01010000000800000001000000000000", "request id 0")]
    [InlineData("01010001000800000001000000000000" + "0101000100080000000100000000000000", "request id 1")] // twice
    [InlineData("01010001000800000001000000000000" + "010500010001000041", "STDIN")] // a body before its parameters' end
    [InlineData("01010001000800000001000000000000" + "01040001000200000541" + "0104000100000000", "2 bytes left over")] // a pair cut short
    public async Task GarbageClosesItsConnectionWithOneLine(string hexadecimal, string offending)
    {
        Task<string> held = Client.GetStringAsync("api/held?until=go");
        await CounterReachesAsync("held", 1);
        int linesBefore = Lines().Length;

        using Socket front = await ConnectAsync();
        await front.SendAsync(Convert.FromHexString(hexadecimal));
        await AssertClosedAsync(front);

        await Eventually.TrueAsync("a line in the log", () => Lines().Length > linesBefore);
        Front.Release("go");
        Assert.Equal("first\nlast\n", await held);
        string line = Assert.Single(Lines()[linesBefore..]);
        Assert.Contains(" warning: connection closed: ", line);
        Assert.Contains(offending, line);
    }

    [NativeFact]
    public async Task RandomBytesHarmNobody()
    {
        const int Connections = 300;
        int backend = Front.BackendPid();
        Task<string> held = Client.GetStringAsync("api/held?until=go");
        await CounterReachesAsync("held", 1);
        var random = new Random(20261);
        for (int i = 0; i < Connections; i++)
        {
            byte[] bytes = new byte[random.Next(1, 3000)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
                PutHeader(bytes, random);
            using Socket front = await ConnectAsync();
            await SendSomeAsync(front, bytes);
        }

        Front.Release("go");

        Assert.Equal("first\nlast\n", await held);
        Assert.Equal("""{"status":"ok"}""", await Client.GetStringAsync("api/health"));
        Assert.Equal(backend, Front.BackendPid());
        Assert.DoesNotContain(" error: ", Front.Log);
    }

    /// <summary>lighttpd probes the socket like this when it starts (case 8).</summary>
    [NativeFact]
    [Case(8)]
    public async Task ConnectionWithoutAByteIsNotWorthALine()
    {
        int linesBefore = Lines().Length;
        for (int i = 0; i < 10; i++)
            (await ConnectAsync()).Dispose();

        Assert.Equal("""{"status":"ok"}""", await Client.GetStringAsync("api/health"));
        Assert.Equal(linesBefore, Lines().Length);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Front.BackendSocket));
        return socket;
    }

    /// <summary>A header that is right at first sight, so that more is looked at than the first byte.</summary>
    private static void PutHeader(byte[] bytes, Random random)
    {
        ReadOnlySpan<byte> header = [1, (byte)random.Next(1, 12), 0, 1, 0, (byte)random.Next(0, 16), 0, 0];
        header[..Math.Min(header.Length, bytes.Length)].CopyTo(bytes);
    }

    /// <summary>The backend's lines alone; lighttpd has a bracket after its time.</summary>
    private string[] Lines() =>
        [.. Front.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.IndexOf("Z ", StringComparison.Ordinal) == 19)];

    private static async Task AssertClosedAsync(Socket front)
    {
        byte[] answer = new byte[100];
        try
        {
            while (await front.ReceiveAsync(answer).WaitAsync(Eventually.Deadline) > 0)
            {
                // What was said before the close does not matter here.
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The backend has closed without reading the rest.
        }
    }

    private static async Task SendSomeAsync(Socket front, byte[] bytes)
    {
        try
        {
            await front.SendAsync(bytes);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // Closed in the middle already.
        }
    }
}
