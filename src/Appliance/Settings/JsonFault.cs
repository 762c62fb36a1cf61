using System;
using System.Text;
using System.Text.Json;

namespace Appliance.Settings;

/// <summary>Where a text stops being JSON, and what stands there.</summary>
/// <remarks>
/// The message of <see cref="JsonException"/> is not used: it counts lines from 0 and bytes in place of columns, and is written for
/// programmers.
/// </remarks>
internal static class JsonFault
{
    /// <summary>For example <c>12:5: not JSON after Log:Level: unexpected character }</c>.</summary>
    /// <param name="json">The whole text.</param>
    /// <param name="e">What the reader threw.</param>
    /// <param name="key">The last key it read; empty before the first.</param>
    /// <param name="isOpen">Whether an object was still open.</param>
    public static string Describe(ReadOnlySpan<byte> json, JsonException e, string key, bool isOpen)
    {
        int at = OffsetOf(json, e);
        string after = key.Length > 0 ? $" after {key}" : "";
        return $"{TextPosition.At(json, at)}: not JSON{after}: {Reason(json, at, isOpen)}";
    }

    private static int OffsetOf(ReadOnlySpan<byte> json, JsonException e)
    {
        int start = 0;
        for (long line = e.LineNumber ?? 0; line > 0; line--)
            start += json[start..].IndexOf((byte)'\n') + 1;
        return (int)Math.Min(start + (e.BytePositionInLine ?? 0), json.Length);
    }

    private static string Reason(ReadOnlySpan<byte> json, int at, bool isOpen)
    {
        ReadOnlySpan<byte> rest = json[at..];
        if (json.IsEmpty)
            return "the file is empty";
        if (rest.IsEmpty || (isOpen && rest is [(byte)',' or (byte)'/'])) // for these two the reader had to look further
            return "the file ends too early";
        if (rest.StartsWith("/*"u8))
            return "a comment does not end";
        if (rest[0] is (byte)'\n' or (byte)'\r')
            return "the line ends too early";
        if (char.IsAsciiDigit((char)rest[0]) && at > 0 && json[at - 1] == '0')
            return "a number begins with 0; permissions such as 0660 are written in quotes";

        _ = Rune.DecodeFromUtf8(rest, out Rune found, out _);
        return found.IsAscii && !Rune.IsControl(found)
            ? $"unexpected character {found}"
            : $"unexpected character {found} (U+{found.Value:X4})";
    }
}
