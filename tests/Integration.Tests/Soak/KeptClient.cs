using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;

namespace Integration.Tests.Soak;

/// <summary>
/// An HTTP/1.1 client on one kept connection, cheap enough that the server has most of the machine. Knows what fronts send:
/// Content-Length or chunks without extensions and trailers.
/// </summary>
internal sealed class KeptClient(int port) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;
    private int _start;
    private int _end;

    /// <summary>The last answer's status.</summary>
    public int Status { get; private set; }

    /// <summary>The last answer's head, as it came.</summary>
    public string Head { get; private set; } = "";

    /// <summary>Sends a whole request and returns the body of its answer, on a new connection where the front has closed the last one.</summary>
    public async Task<byte[]> AskAsync(ReadOnlyMemory<byte> request)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        if (_socket is null)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await _socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        }
        await _socket.SendAsync(request, SocketFlags.None, deadline.Token);
        await ReadHeadAsync(deadline.Token);
        byte[] body = Field("content-length") is string length
            ? await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture), deadline.Token)
            : Field("transfer-encoding") is "chunked"
                ? await ReadChunksAsync(deadline.Token)
                : [];
        if (Field("connection") is "close")
            Dispose();
        return body;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
        _start = _end = 0;
    }

    private async ValueTask ReadHeadAsync(CancellationToken cancelled)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
            await ReadMoreAsync(cancelled);
        Head = Encoding.Latin1.GetString(_buffer, _start, length + 2);
        Status = int.Parse(Head.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
        _start += length + 4;
    }

    /// <summary>A field of the last answer's; null where it has none of that name.</summary>
    public string? Field(string name)
    {
        int at = Head.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        at += name.Length + 4;
        return Head[at..Head.IndexOf('\r', at)];
    }

    private async ValueTask<byte[]> ReadExactlyAsync(int bytes, CancellationToken cancelled)
    {
        byte[] body = new byte[bytes];
        for (int read = 0; read < bytes;)
        {
            if (_start == _end)
                await ReadMoreAsync(cancelled);
            int part = Math.Min(bytes - read, _end - _start);
            _buffer.AsSpan(_start, part).CopyTo(body.AsSpan(read));
            _start += part;
            read += part;
        }
        return body;
    }

    private async ValueTask<byte[]> ReadChunksAsync(CancellationToken cancelled)
    {
        using var body = new MemoryStream();
        while (true)
        {
            int end;
            while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
                await ReadMoreAsync(cancelled);
            int bytes = int.Parse(Encoding.ASCII.GetString(_buffer, _start, end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            _start += end + 2;
            body.Write(await ReadExactlyAsync(bytes, cancelled));
            await ReadExactlyAsync(2, cancelled);
            if (bytes == 0)
                return body.ToArray();
        }
    }

    private async ValueTask ReadMoreAsync(CancellationToken cancelled)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        int read = await _socket!.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancelled);
        _end += read > 0 ? read : throw new EndOfStreamException("the connection ended in the middle of an answer");
    }
}
