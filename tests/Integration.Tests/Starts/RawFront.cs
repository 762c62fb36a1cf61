using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;

namespace Integration.Tests.Starts;

/// <summary>A front of a few bytes: one GET on a connection of its own, for tests in which no web server should be in between.</summary>
public sealed class RawFront : IDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _deadline = new(Eventually.Deadline);

    private RawFront(Socket socket) => _socket = socket;

    /// <param name="end">A port of 127.0.0.1 or the path of a Unix socket.</param>
    public static async Task<RawFront> ConnectAsync(string end)
    {
        bool isPort = int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out int port);
        var socket = isPort
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var front = new RawFront(socket);
        await socket.ConnectAsync(isPort ? new IPEndPoint(IPAddress.Loopback, port) : new UnixDomainSocketEndPoint(end), front._deadline.Token);
        return front;
    }

    /// <summary>The whole answer, records and all.</summary>
    public static async Task<string> GetAsync(string end, string path, string query = "")
    {
        using RawFront front = await ConnectAsync(end);
        await front.AskAsync(path, query);
        return await front.ReadToEndAsync();
    }

    /// <summary>Connects, and does not mind whether anybody is there to stay.</summary>
    public static async Task KnockAsync(string end)
    {
        try
        {
            (await ConnectAsync(end)).Dispose();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed in the moment it was open.
        }
    }

    public Task AskAsync(string path, string query = "") => SendAsync(
    [
        1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, // BEGIN_REQUEST, responder
        .. Record(4,
        [
            .. Pair("REQUEST_METHOD", "GET"), .. Pair("SCRIPT_NAME", path), .. Pair("QUERY_STRING", query), .. Pair("HTTP_HOST", "localhost"),
        ]),
        .. Record(4, []),
        .. Record(5, []),
    ]);

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes, SocketFlags.None, _deadline.Token);

    public async Task<int> ReadAsync(byte[] buffer) => await _socket.ReceiveAsync(buffer, SocketFlags.None, _deadline.Token);

    /// <summary>Until the other end closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await ReadAsync(buffer)) > 0)
            all.Write(buffer, 0, read);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public void Dispose()
    {
        _socket.Dispose();
        _deadline.Dispose();
    }

    private static byte[] Record(byte type, byte[] content) =>
        [1, type, 0, 1, (byte)(content.Length >> 8), (byte)content.Length, 0, 0, .. content];

    private static IEnumerable<byte> Pair(string name, string value) =>
        [(byte)name.Length, (byte)value.Length, .. Encoding.ASCII.GetBytes(name), .. Encoding.ASCII.GetBytes(value)];
}
