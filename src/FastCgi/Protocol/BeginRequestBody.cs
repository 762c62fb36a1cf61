using System;
using System.Buffers.Binary;

namespace FastCgi.Protocol;

/// <summary>The content of BEGIN_REQUEST. FastCGI 1.0 §5.1, <c>FCGI_BeginRequestBody</c>.</summary>
/// <remarks>
/// <code>
///      0         1         2         3                   7
/// +---------+---------+---------+---------+- - - - -+---------+
/// |  role (big endian)|  flags  |        reserved (5)         |
/// +---------+---------+---------+---------+- - - - -+---------+
/// </code>
/// </remarks>
public readonly record struct BeginRequestBody
{
    /// <summary>The body's length in bytes.</summary>
    public const int Length = 8;

    /// <summary>Creates a body.</summary>
    public BeginRequestBody(Role role, RequestFlags flags)
    {
        Role = role;
        Flags = flags;
    }

    /// <summary>The role asked for; may be a value the specification does not name.</summary>
    public Role Role { get; }

    /// <summary>The flags, as received.</summary>
    public RequestFlags Flags { get; }

    /// <summary>Whether the front, not the application, closes the connection after the request.</summary>
    public bool KeepConnection => (Flags & RequestFlags.KeepConnection) != 0;

    /// <summary>Reads the whole content of a BEGIN_REQUEST record.</summary>
    /// <exception cref="FastCgiProtocolException">The content is not exactly eight bytes.</exception>
    public static BeginRequestBody Read(ReadOnlySpan<byte> content)
    {
        if (content.Length != Length)
            throw new FastCgiProtocolException($"BEGIN_REQUEST content of {content.Length} bytes, expected {Length}");
        return new BeginRequestBody((Role)BinaryPrimitives.ReadUInt16BigEndian(content), (RequestFlags)content[2]);
    }

    /// <summary>Writes the body into the first eight bytes of <paramref name="destination"/>.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)Role);
        destination[2] = (byte)Flags;
    }
}
