using System;
using System.Text;

namespace FastCgi;

/// <summary>What the path of a file that the front is to send may look like (<see cref="FastCgiResponse.TrySendFile"/>).</summary>
internal static class PathRules
{
    /// <summary>The path as it stands in a header: both fronts decode %XX there.</summary>
    /// <exception cref="ArgumentException">It is not absolute, has a <c>..</c> segment, or a control character.</exception>
    public static byte[] Escape(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path[0] != '/' || HasParentSegment(path) || path.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0)
            throw new ArgumentException($"not a path for the front to send: \"{Encoding.Latin1.GetString(path)}\"");
        byte[] escaped = new byte[path.Length * 3];
        int length = 0;
        foreach (byte b in path)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || "/-._~"u8.Contains(b))
            {
                escaped[length++] = b;
                continue;
            }
            escaped[length++] = (byte)'%';
            escaped[length++] = Hexadecimal(b >> 4);
            escaped[length++] = Hexadecimal(b & 0xF);
        }
        return escaped[..length];
    }

    private static bool HasParentSegment(ReadOnlySpan<byte> path)
    {
        foreach (Range segment in path.Split((byte)'/'))
        {
            if (path[segment] is [(byte)'.', (byte)'.'])
                return true;
        }
        return false;
    }

    private static byte Hexadecimal(int digit) => "0123456789ABCDEF"u8[digit];
}
