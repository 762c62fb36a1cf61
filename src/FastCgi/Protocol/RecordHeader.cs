using System;
using System.Buffers.Binary;

namespace FastCgi.Protocol;

/// <summary>The eight bytes in front of every record. FastCGI 1.0 §3.3, <c>FCGI_Header</c>.</summary>
/// <remarks>
/// <code>
///      0         1         2         3         4         5         6         7
/// +---------+---------+---------+---------+---------+---------+---------+---------+
/// | version |  type   |    request id     |  content length   | padding | reserved|
/// |   = 1   |         |     (big endian)  |    (big endian)   |  length |         |
/// +---------+---------+---------+---------+---------+---------+---------+---------+
/// | content (0..65535 bytes) ... | padding (0..255 bytes, ignored) ...
/// </code>
/// </remarks>
public readonly record struct RecordHeader
{
    /// <summary>The header's length in bytes: <c>FCGI_HEADER_LEN</c>.</summary>
    public const int Length = 8;

    /// <summary>The version this library speaks: <c>FCGI_VERSION_1</c>.</summary>
    public const byte Version = 1;

    /// <summary>The most content one record can carry, in bytes: <c>FCGI_MAX_LENGTH</c>.</summary>
    public const int MaxContentLength = ushort.MaxValue;

    /// <summary>The largest content that is a multiple of eight, so that a full record needs no padding (§3.3).</summary>
    public const int MaxAlignedContentLength = 0xFFF8;

    /// <summary>The request id of management records: <c>FCGI_NULL_REQUEST_ID</c>.</summary>
    public const ushort ManagementId = 0;

    /// <summary>Creates a header.</summary>
    public RecordHeader(RecordType type, ushort requestId, ushort contentLength, byte paddingLength = 0)
    {
        Type = type;
        RequestId = requestId;
        ContentLength = contentLength;
        PaddingLength = paddingLength;
    }

    /// <summary>What the record carries; may be a value the specification does not name.</summary>
    public RecordType Type { get; }

    /// <summary>The request the record belongs to; 0 for management records.</summary>
    public ushort RequestId { get; }

    /// <summary>The content's length in bytes.</summary>
    public ushort ContentLength { get; }

    /// <summary>The length in bytes of the padding behind the content.</summary>
    public byte PaddingLength { get; }

    /// <summary>The padding that aligns the next record to eight bytes (§3.3).</summary>
    public static byte PaddingFor(int contentLength) => (byte)(-contentLength & 7);

    /// <summary>Reads a header from the first eight bytes of <paramref name="source"/>.</summary>
    /// <returns>False when there are fewer than eight bytes yet.</returns>
    /// <exception cref="FastCgiProtocolException">The version is not 1.</exception>
    public static bool TryRead(ReadOnlySpan<byte> source, out RecordHeader header)
    {
        if (source.Length < Length)
        {
            header = default;
            return false;
        }
        if (source[0] != Version)
            throw UnexpectedVersion(source);

        header = new RecordHeader(
            (RecordType)source[1],
            BinaryPrimitives.ReadUInt16BigEndian(source[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[4..]),
            source[6]);
        return true;
    }

    /// <summary>Writes the header into the first eight bytes of <paramref name="destination"/>; reserved is zero.</summary>
    public void Write(Span<byte> destination)
    {
        destination[7] = 0;
        destination[6] = PaddingLength;
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], ContentLength);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], RequestId);
        destination[1] = (byte)Type;
        destination[0] = Version;
    }

    /// <summary>The header for a log line.</summary>
    public override string ToString() => $"{Type} id={RequestId} content={ContentLength} padding={PaddingLength}";

    private static FastCgiProtocolException UnexpectedVersion(ReadOnlySpan<byte> source)
    {
        // A letter first is somebody speaking HTTP (or TLS, 0x16) to the FastCGI socket: the most common wiring mistake.
        string hint = source[0] switch
        {
            >= (byte)'A' and <= (byte)'Z' => "; is an HTTP client talking to the FastCGI socket?",
            0x16 => "; is a TLS client talking to the FastCGI socket?",
            _ => "",
        };
        return new FastCgiProtocolException($"record version {source[0]}, expected {Version}{hint}");
    }
}
