using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Integration.Tests.Fixture;

/// <summary>An HTTP/1.1 client that does just what a test says, byte by byte. Every wait has a deadline.</summary>
public sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _deadline = new(Eventually.Deadline);

    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="receiveBuffer">Bytes the kernel takes for a client that does not read; null for its own choice.</param>
    public static async Task<RawClient> ConnectAsync(int port, int? receiveBuffer = null)
    {
        var client = new RawClient();
        if (receiveBuffer is int bytes)
            client._socket.ReceiveBufferSize = bytes; // before connecting, or the window is larger already
        await client._socket.ConnectAsync(IPAddress.Loopback, port, client._deadline.Token);
        return client;
    }

    /// <summary>Sends a request's head, closing the connection after its answer unless the fields say otherwise.</summary>
    public Task SendHeadAsync(string method, string target, params string[] fields) =>
        SendAsync(Encoding.UTF8.GetBytes(
            $"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{string.Concat(Array.ConvertAll(fields, f => f + "\r\n"))}\r\n"));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, _deadline.Token)..];
    }

    /// <summary>What comes next, at least one byte; none at the end of the connection.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer) => _socket.ReceiveAsync(buffer, SocketFlags.None, _deadline.Token);

    /// <summary>The answer's status line and fields, and nothing of its body.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            if (await ReadAsync(one) == 0)
                throw new EndOfStreamException($"the connection ended inside the head: \"{head}\"");
            head.Append((char)one[0]);
        }
        return head.ToString();
    }

    /// <summary>One line of a text, without its end.</summary>
    public async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await ReadAsync(one) > 0 && one[0] != '\n')
            line.Append((char)one[0]);
        return line.ToString().TrimEnd('\r');
    }

    public async Task<byte[]> ReadExactlyAsync(int bytes)
    {
        byte[] buffer = new byte[bytes];
        for (int read = 0; read < bytes;)
        {
            int more = await ReadAsync(buffer.AsMemory(read));
            if (more == 0)
                throw new EndOfStreamException($"the connection ended after {read} of {bytes} bytes");
            read += more;
        }
        return buffer;
    }

    /// <summary>All that comes until the connection ends.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await ReadAsync(buffer)) > 0)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }

    /// <summary>Goes away at once, as a client that was killed or lost its network: the front gets a reset.</summary>
    public void HangUp()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _deadline.Dispose();
    }

    public static long ContentLengthOf(string head)
    {
        const string Name = "\r\nContent-Length: ";
        int at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? -1 : long.Parse(head[(at + Name.Length)..head.IndexOf('\r', at + 2)], CultureInfo.InvariantCulture);
    }
}
