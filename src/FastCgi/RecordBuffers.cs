using System;
using System.Buffers;
using System.Collections.Generic;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>
/// Content on its way into STDOUT records: in a buffer of its own, which most answers fit into, and in buffers of the pool. Each has room
/// for a header in front and, behind, for padding, the stream's end and END_REQUEST, so that the last send of a response is one.
/// </summary>
/// <remarks>
/// <code>
/// buffer: | header 8 | content … | padding ≤ 7 | end of STDOUT 8 | END_REQUEST 16 |
/// </code>
/// A closed record may stand before that one: <see cref="EndRecord"/>.
/// </remarks>
internal sealed class RecordBuffers
{
    /// <summary>The largest buffer that is used: several requests of a connection still get their turns.</summary>
    public const int LargestBuffer = 32 * 1024;

    /// <summary>The size of the first buffer: most answers fit, and a burst of them stays cheap.</summary>
    public const int OwnBuffer = 4 * 1024;

    /// <summary>What a buffer holds besides content.</summary>
    public const int Overhead = RecordHeader.Length + 7 + RecordHeader.Length + RecordHeader.Length + EndRequestBody.Length;

    /// <summary>The most content one record takes here.</summary>
    public const int MaxContent = LargestBuffer - Overhead;

    private readonly List<Filled> _full = [];
    private readonly byte[] _own = new byte[OwnBuffer];
    private byte[]? _buffer;
    private int _before; // bytes of the closed record that _buffer begins with
    private int _content; // bytes of content in _buffer behind that
    private int _fullContent;

    /// <summary>Bytes of content that stand here, and of the records before it in their buffers.</summary>
    public int Content => _fullContent + _before + _content;

    /// <summary>Whether anything stands behind the full records.</summary>
    public bool HasCurrent => _before + _content > 0;

    /// <summary>How many records are full and closed.</summary>
    public int FullRecords => _full.Count;

    /// <summary>Free room of at least <paramref name="size"/> bytes, at most one record's, behind the content.</summary>
    /// <param name="size">1 to <see cref="MaxContent"/>.</param>
    /// <param name="requestId">For the header of the record that this fills.</param>
    /// <param name="isLong">Whether the response is known to be longer than the first buffer.</param>
    public Memory<byte> Room(int size, ushort requestId, bool isLong)
    {
        if (_buffer is null || Capacity - _content < size)
        {
            if (HasCurrent)
                SetAsideFull(requestId);
            ReturnCurrent();
            isLong |= FullRecords > 0;
            _buffer = !isLong && size + Overhead <= OwnBuffer
                ? _own
                : ArrayPool<byte>.Shared.Rent(isLong ? LargestBuffer : size + Overhead);
        }
        return _buffer.AsMemory(_before + RecordHeader.Length + _content, Capacity - _content);
    }

    /// <summary>Makes the first bytes of the room content.</summary>
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_buffer is null ? 0 : Capacity - _content), nameof(bytes));
        _content += bytes;
    }

    /// <summary>Closes the record that the content stands in: what follows in the same buffer, and leaves with it, is the next.</summary>
    public void EndRecord(ushort requestId)
    {
        _before = CloseCurrent(requestId).Length;
        _content = 0;
    }

    /// <summary>A full record, closed.</summary>
    public ReadOnlyMemory<byte> Full(int index) => _full[index].Buffer.AsMemory(0, _full[index].Length);

    /// <summary>Forgets the full records, which are sent.</summary>
    public void DropFull()
    {
        if (FullRecords == 0)
            return;
        foreach (Filled filled in _full)
            Return(filled.Buffer);
        _full.Clear();
        _fullContent = 0;
    }

    /// <summary>What stands behind the full records, as records; empty when there is none, since an empty record would end the stream.</summary>
    public ReadOnlyMemory<byte> CloseCurrent(ushort requestId) => _buffer.AsMemory(0, _before + WriteCurrent(requestId).Written);

    /// <summary>The record <see cref="CloseCurrent"/> gave is sent: its buffer takes new content.</summary>
    public void ReuseCurrent()
    {
        _before = 0;
        _content = 0;
    }

    /// <summary>The last content, the stream's end and END_REQUEST.</summary>
    public ReadOnlyMemory<byte> CloseLast(ushort requestId, EndRequestBody end)
    {
        _buffer ??= _own;
        RecordWriter writer = WriteCurrent(requestId);
        writer.WriteEndOfStream(RecordType.Stdout, requestId);
        writer.WriteEndRequest(requestId, end);
        return _buffer.AsMemory(0, _before + writer.Written);
    }

    /// <summary>Forgets everything.</summary>
    public void Drop()
    {
        DropFull();
        ReuseCurrent();
        ReturnCurrent();
    }

    private int Capacity => Math.Clamp(_buffer!.Length - _before - Overhead, 0, MaxContent);

    private RecordWriter WriteCurrent(ushort requestId)
    {
        var writer = new RecordWriter(_buffer.AsSpan(_before));
        if (_content > 0)
            writer.WriteAround(RecordType.Stdout, requestId, _content);
        return writer;
    }

    private void SetAsideFull(ushort requestId)
    {
        _fullContent += _before + _content;
        _full.Add(new Filled(_buffer!, CloseCurrent(requestId).Length));
        _buffer = null;
        ReuseCurrent();
    }

    private void ReturnCurrent()
    {
        if (_buffer is not null)
            Return(_buffer);
        _buffer = null;
    }

    private void Return(byte[] buffer)
    {
        if (buffer != _own)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>A buffer with closed records in its first bytes.</summary>
    private readonly record struct Filled(byte[] Buffer, int Length);
}
