using System.Collections.Generic;
using System.Text;

namespace Appliance.Tests.Status;

/// <summary>Literals as bytes: one character up to U+00FF is one byte, so "\u00ff" is the byte 0xFF.</summary>
internal static class Text
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Every text that is shorter, from the empty one to the one that lacks only its last byte.</summary>
    public static IEnumerable<byte[]> ProperPrefixes(string text)
    {
        byte[] whole = Bytes(text);
        for (int length = 0; length < whole.Length; length++)
            yield return whole[..length];
    }
}
