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
        piece = default;
        if (_paddingLeft > 0 && !SkipPadding(ref input))
            return false;

        int headerLength = 0;
        if (!_insideRecord)
        {
            if (!TryOpen(input))
                return false;
            headerLength = RecordHeader.Length;
        }

        int take = (int)Math.Min(_contentLeft, input.Length - headerLength);
        if (take == 0 && _contentLeft > 0)
        {
            input = input.Slice(headerLength);
            return false;
        }
        ReadOnlySequence<byte> content = take == 0 ? ReadOnlySequence<byte>.Empty : input.Slice(headerLength, take);
        input = input.Slice(headerLength + take);
        _contentLeft -= take;
        if (_contentLeft == 0)
        {
            _insideRecord = false;
            _paddingLeft = _header.PaddingLength;
        }
        piece = new RecordPiece(_header, content, endsRecord: _contentLeft == 0);
        return true;
    }

    private bool SkipPadding(ref ReadOnlySequence<byte> input)
    {
        int skip = (int)Math.Min(_paddingLeft, input.Length);
        input = input.Slice(skip);
        _paddingLeft -= skip;
        return _paddingLeft == 0;
    }

    /// <summary>Reads the header at the start of the input, which stays where it is.</summary>
    private bool TryOpen(in ReadOnlySequence<byte> input)
    {
        scoped ReadOnlySpan<byte> bytes = input.FirstSpan;
        Span<byte> joined = stackalloc byte[RecordHeader.Length];
        if (bytes.Length < RecordHeader.Length)
        {
            if (input.Length < RecordHeader.Length)
                return false;
            input.Slice(0, RecordHeader.Length).CopyTo(joined);
            bytes = joined;
        }
        if (!RecordHeader.TryRead(bytes, out RecordHeader header))
            return false;
        if (ComesWhole(header.Type) && input.Length < RecordHeader.Length + header.ContentLength)
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
