using System;
using System.Buffers;

namespace FastCgi.Protocol;

/// <summary>Cuts a stream of bytes into records. FastCGI 1.0 §3.3.</summary>
/// <remarks>
/// Records whose content is a structure (BEGIN_REQUEST, END_REQUEST, the management types of the specification) come out
/// whole. Those that carry a stream, and those of unknown type, come out in pieces as their bytes arrive, so that
/// a record of 64 KiB never has to be held in memory. Padding is skipped without being waited for.
/// </remarks>
public struct RecordReader
{
    private RecordHeader _header;
    private int _contentLeft;
    private int _paddingLeft;
    private bool _insideRecord;

    /// <summary>Whether the input so far ends between two records: the only place where it may stop.</summary>
    public readonly bool AtRecordBoundary => !_insideRecord && _paddingLeft == 0;

    /// <summary>Reads the next record or piece of one, and moves the start of <paramref name="input"/> behind it.</summary>
    /// <returns>False when more bytes are needed; what was not used stays in <paramref name="input"/>.</returns>
    /// <exception cref="FastCgiProtocolException">The version is not 1.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> input, out RecordPiece piece)
    {
        scoped ReadOnlySpan<byte> start = input.FirstSpan;
        Span<byte> joined = stackalloc byte[byte.MaxValue + RecordHeader.Length];
        if (!input.IsSingleSegment && start.Length < joined.Length)
        {
            joined = joined[..(int)Math.Min(joined.Length, input.Length)];
            input.Slice(0, joined.Length).CopyTo(joined);
            start = joined;
        }
        bool read = TryCut(start, input.Length, out int before, out int content);
        piece = read ? new RecordPiece(_header, input.Slice(before, content), endsRecord: _contentLeft == 0) : default;
        input = input.Slice(before + content);
        return read;
    }

    /// <summary>The same from bytes that stand together, from <paramref name="at"/> to <paramref name="end"/> in the buffer.</summary>
    internal bool TryRead(byte[] buffer, ref int at, int end, out RecordPiece piece)
    {
        bool read = TryCut(buffer.AsSpan(at, end - at), end - at, out int before, out int content);
        piece = read ? new RecordPiece(_header, new ReadOnlySequence<byte>(buffer, at + before, content), endsRecord: _contentLeft == 0) : default;
        at += before + content;
        return read;
    }

    /// <summary>Finds the next record, or piece of one, in what has come.</summary>
    /// <param name="start">What has come: of the first bytes as many as padding and a header can take, if there are as many.</param>
    /// <param name="length">How many bytes have come.</param>
    /// <param name="before">Bytes used that stand before the content: padding of the last record, and the header.</param>
    /// <param name="content">Bytes of content.</param>
    private bool TryCut(ReadOnlySpan<byte> start, long length, out int before, out int content)
    {
        before = (int)Math.Min(_paddingLeft, length);
        content = 0;
        _paddingLeft -= before;
        if (!_insideRecord)
        {
            if (_paddingLeft > 0 || !TryOpen(start[before..], length - before))
                return false;
            before += RecordHeader.Length;
        }
        content = (int)Math.Min(_contentLeft, length - before);
        if (content == 0 && _contentLeft > 0)
            return false;
        _contentLeft -= content;
        if (_contentLeft == 0)
        {
            _insideRecord = false;
            _paddingLeft = _header.PaddingLength;
        }
        return true;
    }

    /// <summary>Reads the header at the start of the input, unless more has to come first.</summary>
    private bool TryOpen(ReadOnlySpan<byte> start, long length)
    {
        if (!RecordHeader.TryRead(start, out RecordHeader header))
            return false;
        if (ComesWhole(header.Type) && length < RecordHeader.Length + header.ContentLength)
            return false;

        _header = header;
        _contentLeft = header.ContentLength;
        _insideRecord = true;
        return true;
    }

    private static bool ComesWhole(RecordType type) => type
        is RecordType.BeginRequest
        or RecordType.EndRequest
        or RecordType.GetValues
        or RecordType.GetValuesResult
        or RecordType.UnknownType;
}
