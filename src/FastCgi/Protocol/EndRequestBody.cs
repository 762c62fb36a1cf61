using System;
using System.Buffers.Binary;

namespace FastCgi.Protocol;

/// <summary>The content of END_REQUEST. FastCGI 1.0 §5.5, <c>FCGI_EndRequestBody</c>.</summary>
/// <remarks>
/// <code>
///      0         1         2         3         4         5         6         7
/// +---------+---------+---------+---------+---------+---------+---------+---------+
/// |        application status (big endian)        | protocol|     reserved (3)    |
/// |                                               |  status |                     |
/// +---------+---------+---------+---------+---------+---------+---------+---------+
/// </code>
/// </remarks>
public readonly record struct EndRequestBody
{
    /// <summary>The body's length in bytes.</summary>
    public const int Length = 8;

    /// <summary>Creates a body.</summary>
    public EndRequestBody(uint applicationStatus, ProtocolStatus protocolStatus)
    {
        ApplicationStatus = applicationStatus;
        ProtocolStatus = protocolStatus;
    }

    /// <summary>What a CGI program would have given to exit(3).</summary>
    public uint ApplicationStatus { get; }

    /// <summary>How the request ended on the protocol's level.</summary>
    public ProtocolStatus ProtocolStatus { get; }

    /// <summary>Reads the whole content of an END_REQUEST record.</summary>
    /// <exception cref="FastCgiProtocolException">The content is not exactly eight bytes.</exception>
    public static EndRequestBody Read(ReadOnlySpan<byte> content)
    {
        if (content.Length != Length)
            throw new FastCgiProtocolException($"END_REQUEST content of {content.Length} bytes, expected {Length}");
        return new EndRequestBody(BinaryPrimitives.ReadUInt32BigEndian(content), (ProtocolStatus)content[4]);
    }

    /// <summary>Writes the body into the first eight bytes of <paramref name="destination"/>.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(destination, ApplicationStatus);
        destination[4] = (byte)ProtocolStatus;
    }
}
