using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>What a front sends, on its way from the transport through a buffer of the pool into records.</summary>
/// <remarks>
/// What is received and not heard is less than one record of those that come whole (<see cref="RecordReader"/>), so it stays together in
/// one buffer; the buffer goes back to the pool when all in it was heard. A pipe would do the same, at ten locks for each request.
/// </remarks>
internal sealed class ConnectionInput(ITransport transport)
{
    /// <summary>A whole request of lighttpd fits.</summary>
    public const int UsualReceive = 4 * 1024;

    private const int LeastReceive = 512; // what is left of a buffer is used: a record that drips in takes at most twice its size
    private const int LargestReceive = 64 * 1024; // while a body comes faster than that

    private byte[] _buffer = [];
    private int _heard; // bytes of the buffer, from its start
    private int _received; // those and the bytes behind them
    private RecordReader _records;
    private int _receiveSize = LeastReceive;

    /// <summary>Whether all that was received has been heard.</summary>
    public bool IsUsedUp { get; private set; } = true;

    /// <summary>Whether a record has begun and not ended.</summary>
    public bool IsInsideRecord { get; private set; }

    /// <summary>Bytes received since this object was made.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Completes when there is something to receive, and holds no buffer until then.</summary>
    public ValueTask<int> WhenReadyAsync() => transport.ReceiveAsync(default);

    /// <summary>Receives more: how many bytes, 0 at the end of the stream, −1 when the connection is broken.</summary>
    public ValueTask<int> ReceiveAsync()
    {
        if (_buffer.Length - _received < _receiveSize)
            MakeRoom();
        return transport.ReceiveAsync(_buffer.AsMemory(_received));
    }

    /// <summary>Hands the records in what was received to the conversation.</summary>
    /// <exception cref="FastCgiProtocolException">The front breaks the protocol.</exception>
    public async ValueTask HearAsync(int received, Conversation conversation)
    {
        BytesReceived += received;
        int asked = _buffer.Length - _received;
        _receiveSize = received == asked ? Math.Clamp(asked * 2, UsualReceive, LargestReceive) : LeastReceive;
        _received += received;

        IsUsedUp = false; // until all of it was heard without an exception
        while (_records.TryRead(_buffer, ref _heard, _received, out RecordPiece piece))
            await conversation.HearAsync(piece).ConfigureAwait(false);
        IsInsideRecord = _heard < _received || !_records.AtRecordBoundary;
        if (_heard < _received)
            return;
        ReturnBuffer();
        IsUsedUp = true;
    }

    /// <summary>Forgets the last connection.</summary>
    public void Reset()
    {
        ReturnBuffer();
        IsUsedUp = true;
        IsInsideRecord = false;
        _records = default;
        _receiveSize = LeastReceive;
    }

    /// <summary>Takes what was not heard along to a buffer with room behind it.</summary>
    private void MakeRoom()
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_heard.._received);
        byte[] roomier = ArrayPool<byte>.Shared.Rent(Math.Max(rest.Length + _receiveSize, UsualReceive));
        rest.CopyTo(roomier);
        int received = rest.Length;
        ReturnBuffer();
        _buffer = roomier;
        _received = received;
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _heard = _received = 0;
    }
}
