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
        if (!SkipPadding(ref input))
            return false;

        if (!_insideRecord && !TryOpen(ref input))
            return false;

        long take = Math.Min(_contentLeft, input.Length);
        if (take == 0 && _contentLeft > 0)
            return false;

        _contentLeft -= (int)take;
        bool endsRecord = _contentLeft == 0;
        piece = new RecordPiece(_header, input.Slice(0, take), endsRecord);
        input = input.Slice(take);
        if (endsRecord)
        {
            _insideRecord = false;
            _paddingLeft = _header.PaddingLength;
        }
        return true;
    }

    private bool SkipPadding(ref ReadOnlySequence<byte> input)
    {
        if (_paddingLeft == 0)
            return true;
        long skip = Math.Min(_paddingLeft, input.Length);
        input = input.Slice(skip);
        _paddingLeft -= (int)skip;
        return _paddingLeft == 0;
    }

    private bool TryOpen(ref ReadOnlySequence<byte> input)
    {
        ReadOnlySpan<byte> first = input.FirstSpan;
        if (first.Length < RecordHeader.Length)
        {
            if (input.Length < RecordHeader.Length)
                return false;
            Span<byte> joined = stackalloc byte[RecordHeader.Length];
            input.Slice(0, RecordHeader.Length).CopyTo(joined);
            return TryOpen(joined, ref input);
        }
        return TryOpen(first, ref input);
    }

    private bool TryOpen(ReadOnlySpan<byte> headerBytes, ref ReadOnlySequence<byte> input)
    {
        if (!RecordHeader.TryRead(headerBytes, out RecordHeader header))
            return false;
        if (ComesWhole(header.Type) && input.Length < RecordHeader.Length + header.ContentLength)
            return false;

        input = input.Slice(RecordHeader.Length);
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
