using System.Buffers;

namespace FastCgi.Protocol;

/// <summary>A record, or the part of a stream record that has arrived. FastCGI 1.0 §3.3.</summary>
public readonly struct RecordPiece
{
    internal RecordPiece(RecordHeader header, ReadOnlySequence<byte> content, bool endsRecord)
    {
        Header = header;
        Content = content;
        EndsRecord = endsRecord;
    }

    /// <summary>The record's header; <see cref="RecordHeader.ContentLength"/> is that of the whole record.</summary>
    public RecordHeader Header { get; }

    /// <summary>The content of this piece; valid until the input it was read from advances.</summary>
    public ReadOnlySequence<byte> Content { get; }

    /// <summary>Whether the record's content ends with this piece.</summary>
    public bool EndsRecord { get; }

    /// <summary>Whether this is the zero-length record that ends a stream (§3.3).</summary>
    public bool EndsStream => Header.ContentLength == 0;
}
