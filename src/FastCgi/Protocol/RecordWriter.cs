using System;

namespace FastCgi.Protocol;

/// <summary>Writes whole records one after the other, padded to eight bytes. FastCGI 1.0 §3.3.</summary>
/// <remarks>The destination must have room (see <see cref="LengthOf"/>); running out is the caller's fault and throws.</remarks>
public ref struct RecordWriter
{
    private readonly Span<byte> _destination;

    /// <summary>Writes from the start of <paramref name="destination"/>.</summary>
    public RecordWriter(Span<byte> destination) => _destination = destination;

    /// <summary>How many bytes the records written so far take.</summary>
    public int Written { get; private set; }

    /// <summary>The bytes a record takes on the wire: header, content, padding.</summary>
    public static int LengthOf(int contentLength) =>
        RecordHeader.Length + contentLength + RecordHeader.PaddingFor(contentLength);

    /// <summary>Writes BEGIN_REQUEST.</summary>
    public void WriteBeginRequest(ushort requestId, BeginRequestBody body) =>
        body.Write(Open(RecordType.BeginRequest, requestId, BeginRequestBody.Length));

    /// <summary>Writes ABORT_REQUEST.</summary>
    public void WriteAbortRequest(ushort requestId) => Open(RecordType.AbortRequest, requestId, 0);

    /// <summary>Writes END_REQUEST.</summary>
    public void WriteEndRequest(ushort requestId, EndRequestBody body) =>
        body.Write(Open(RecordType.EndRequest, requestId, EndRequestBody.Length));

    /// <summary>Writes UNKNOWN_TYPE, a management record.</summary>
    public void WriteUnknownType(UnknownTypeBody body) =>
        body.Write(Open(RecordType.UnknownType, RecordHeader.ManagementId, UnknownTypeBody.Length));

    /// <summary>Writes one record of any type with the content given, at most 65535 bytes.</summary>
    public void WriteRecord(RecordType type, ushort requestId, ReadOnlySpan<byte> content) =>
        content.CopyTo(Open(type, requestId, content.Length));

    /// <summary>Writes the zero-length record that ends a stream.</summary>
    public void WriteEndOfStream(RecordType type, ushort requestId) => Open(type, requestId, 0);

    /// <summary>
    /// Turns content that already stands in the destination, eight bytes behind <see cref="Written"/>, into a record
    /// by writing header and padding around it: for writers that let their callers fill the record in place.
    /// </summary>
    public void WriteAround(RecordType type, ushort requestId, int contentLength) => Open(type, requestId, contentLength);

    private Span<byte> Open(RecordType type, ushort requestId, int contentLength)
    {
        byte padding = RecordHeader.PaddingFor(contentLength);
        Span<byte> record = _destination.Slice(Written, RecordHeader.Length + contentLength + padding);
        new RecordHeader(type, requestId, checked((ushort)contentLength), padding).Write(record);
        record[^padding..].Clear();
        Written += record.Length;
        return record.Slice(RecordHeader.Length, contentLength);
    }
}
