using System;
using System.Globalization;
using System.Text;

namespace Appliance.Settings;

/// <summary>A place in a text as editors count it: lines and characters from 1.</summary>
internal readonly record struct TextPosition(int Line, int Column)
{
    /// <summary>The place of a byte of UTF-8; one behind the last is the end.</summary>
    public static TextPosition At(ReadOnlySpan<byte> text, int offset)
    {
        ReadOnlySpan<byte> before = text[..offset];
        ReadOnlySpan<byte> line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        return new TextPosition(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(line) + 1);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}");
}
