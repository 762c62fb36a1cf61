using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>What a front sends, on its way from the transport through a pipe into records.</summary>
internal sealed class ConnectionInput(ITransport transport)
{
    /// <summary>A whole request of lighttpd fits.</summary>
    public const int UsualReceive = 4 * 1024;

    private const int LeastReceive = 512; // what is left of a segment is used: a record that drips in takes little more than its size
    private const int LargestReceive = 64 * 1024; // while a body comes faster than that

    // Never pauses: what is not parsed yet is less than one record, and bodies have bounds of their own. Its buffers go back to the
    // pool when all in them was read.
    private static readonly PipeOptions Options = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0,
        minimumSegmentSize: UsualReceive,
        useSynchronizationContext: false);

    private readonly Pipe _pipe = new(Options);
    private RecordReader _records;
    private int _receiveSize = LeastReceive;
    private int _asked;

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
        Memory<byte> room = _pipe.Writer.GetMemory(_receiveSize);
        _asked = room.Length;
        return transport.ReceiveAsync(room);
    }

    /// <summary>Hands the records in what was received to the conversation.</summary>
    /// <exception cref="FastCgiProtocolException">The front breaks the protocol.</exception>
    public async ValueTask HearAsync(int received, Conversation conversation)
    {
        BytesReceived += received;
        _receiveSize = received == _asked ? Math.Clamp(_asked * 2, UsualReceive, LargestReceive) : LeastReceive;
        _pipe.Writer.Advance(received);
        await _pipe.Writer.FlushAsync().ConfigureAwait(false);
        if (!_pipe.Reader.TryRead(out ReadResult read))
            return;

        IsUsedUp = false; // until all of it was heard without an exception
        ReadOnlySequence<byte> rest = read.Buffer;
        while (_records.TryRead(ref rest, out RecordPiece piece))
            await conversation.HearAsync(piece).ConfigureAwait(false);
        IsInsideRecord = !rest.IsEmpty || !_records.AtRecordBoundary;
        IsUsedUp = rest.IsEmpty;
        _pipe.Reader.AdvanceTo(rest.Start, rest.End);
    }

    /// <summary>Forgets the last connection.</summary>
    public void Reset()
    {
        if (!IsUsedUp)
        {
            _pipe.Writer.Complete();
            _pipe.Reader.Complete();
            _pipe.Reset();
        }
        IsUsedUp = true;
        IsInsideRecord = false;
        _records = default;
        _receiveSize = LeastReceive;
    }
}
