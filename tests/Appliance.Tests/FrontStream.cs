using System;
using System.Buffers;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace Appliance.Tests;

/// <summary>A front that reads an answer as it comes. Every wait has a deadline.</summary>
internal sealed class FrontStream : IDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));
    private RecordReader _reader;
    private readonly StringBuilder _text = new();
    private byte[] _unread = [];
    private bool _closed;

    private FrontStream(Socket socket) => _socket = socket;

    /// <summary>Whether END_REQUEST has come: the answer is whole.</summary>
    public bool Ended { get; private set; }

    public static async Task<FrontStream> AskAsync(string socketPath, params (string Name, string Value)[] parameters)
    {
        var front = new FrontStream(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
        await front._socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
        await front._socket.SendAsync(FrontConnection.Request(parameters));
        return front;
    }

    /// <summary>What comes up to the next empty line: the head, or an event.</summary>
    /// <exception cref="EndOfStreamException">The answer ended before.</exception>
    public async Task<string> ReadBlockAsync()
    {
        while (true)
        {
            string text = _text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
            int end = text.IndexOf("\n\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _text.Clear().Append(text[(end + 2)..]);
                return text[..end];
            }
            if (!await ReceiveAsync())
                throw new EndOfStreamException($"the answer ended after \"{text}\"");
        }
    }

    /// <summary>The next event that is no comment and no retry.</summary>
    public async Task<string> ReadEventAsync()
    {
        string block;
        do
            block = await ReadBlockAsync();
        while (!block.StartsWith("id: ", StringComparison.Ordinal));
        return block;
    }

    /// <summary>Reads until the connection closes.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReceiveAsync())
            continue;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _deadline.Dispose();
    }

    private async Task<bool> ReceiveAsync()
    {
        if (_closed)
            return false;
        byte[] buffer = new byte[64 * 1024];
        int length = await _socket.ReceiveAsync(buffer, SocketFlags.None, _deadline.Token);
        _closed = length == 0;
        var records = new ReadOnlySequence<byte>([.. _unread, .. buffer.AsSpan(0, length)]);
        while (_reader.TryRead(ref records, out RecordPiece piece))
        {
            if (piece.Header.Type == RecordType.Stdout)
                _text.Append(Encoding.UTF8.GetString(piece.Content.ToArray()));
            Ended |= piece.Header.Type == RecordType.EndRequest;
        }
        _unread = records.ToArray();
        return !_closed;
    }
}
