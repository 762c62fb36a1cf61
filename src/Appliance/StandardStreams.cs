using System;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Appliance;

/// <summary>
/// Lines on standard output and standard error by write(2): System.Console would add 239 KB and a thread to the binary.
/// </summary>
internal static partial class StandardStreams
{
    public const int Output = 1;
    public const int Error = 2;

    /// <summary>Writes a line, waiting for who reads it: before the program serves, or in place of it. What cannot be written is lost.</summary>
    public static void WriteLine(int descriptor, string line)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(line + "\n");
        while (!rest.IsEmpty)
        {
            nint written = Write(descriptor, rest, (nuint)rest.Length);
            if (written <= 0)
                return;
            rest = rest[(int)written..];
        }
    }

    /// <summary>
    /// The text on one line, with what would move a terminal's cursor or change the order of what is shown written as \x1b or
    /// \u202e, and what is no character as U+FFFD: for whatever quotes a peer or a file.
    /// </summary>
    public static string Visible(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (category == UnicodeCategory.Control)
                visible.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else if (category is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                visible.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                visible.Append(rune.ToString());
        }
        return visible.ToString();
    }

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nuint count);
}
