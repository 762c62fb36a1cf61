using System;

namespace FastCgi.Protocol;

/// <summary>The content of UNKNOWN_TYPE. FastCGI 1.0 §4.2, <c>FCGI_UnknownTypeBody</c>.</summary>
/// <remarks>
/// <code>
///      0         1                                       7
/// +---------+---------+- - - - - - - - - - - - - - -+---------+
/// |  type   |                 reserved (7)                    |
/// +---------+---------+- - - - - - - - - - - - - - -+---------+
/// </code>
/// </remarks>
public readonly record struct UnknownTypeBody
{
    /// <summary>The body's length in bytes.</summary>
    public const int Length = 8;

    /// <summary>Creates a body.</summary>
    public UnknownTypeBody(RecordType type) => Type = type;

    /// <summary>The type that was not understood.</summary>
    public RecordType Type { get; }

    /// <summary>Reads the whole content of an UNKNOWN_TYPE record.</summary>
    /// <exception cref="FastCgiProtocolException">The content is not exactly eight bytes.</exception>
    public static UnknownTypeBody Read(ReadOnlySpan<byte> content)
    {
        if (content.Length != Length)
            throw new FastCgiProtocolException($"UNKNOWN_TYPE content of {content.Length} bytes, expected {Length}");
        return new UnknownTypeBody((RecordType)content[0]);
    }

    /// <summary>Writes the body into the first eight bytes of <paramref name="destination"/>.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        destination[0] = (byte)Type;
    }
}
