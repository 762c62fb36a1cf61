using System;
using System.Globalization;

namespace Responder;

/// <summary>FNV-1a in 64 bits, over bytes that come in pieces. Compiled into the tests too, which compute the same.</summary>
/// <remarks>Not SHA-256: System.Security.Cryptography looks for OpenSSL, which a static binary cannot load.</remarks>
internal struct Checksum()
{
    private ulong _hash = 0xcbf29ce484222325;

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var checksum = new Checksum();
        checksum.Add(bytes);
        return checksum.ToString();
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        ulong hash = _hash;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 0x100000001b3;
        _hash = hash;
    }

    public override readonly string ToString() => _hash.ToString("x16", CultureInfo.InvariantCulture);
}
