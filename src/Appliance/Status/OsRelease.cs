using System;

namespace Appliance.Status;

/// <summary>
/// Which system is installed, from /etc/os-release or /usr/lib/os-release; os-release(5): shell assignments, here
/// <c>PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"</c>.
/// </summary>
internal static class OsRelease
{
    /// <summary>Finds PRETTY_NAME, the name for people.</summary>
    public static bool TryParsePrettyName(ReadOnlySpan<byte> text, Span<byte> destination, out int length) =>
        TryFind(text, "PRETTY_NAME"u8, destination, out length);

    /// <summary>Finds a value; the last one of a name counts, as it would for a shell.</summary>
    /// <param name="text">The file. Its last line may lack a newline: people write these files.</param>
    /// <param name="name">What stands before the equals sign.</param>
    /// <param name="destination">Where the value is put; one that does not fit is none.</param>
    /// <param name="length">How many bytes of <paramref name="destination"/> are the value.</param>
    /// <returns>False when there is none, or its quotes are not closed.</returns>
    public static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, Span<byte> destination, out int length)
    {
        bool found = false;
        length = 0;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (line.Length > name.Length && line[name.Length] == (byte)'=' && line.StartsWith(name))
                found = TryUnquote(line[(name.Length + 1)..], destination, out length);
        }
        return found && length > 0;
    }

    private static bool TryUnquote(ReadOnlySpan<byte> value, Span<byte> destination, out int length)
    {
        length = 0;
        value = value.TrimEnd(" \t\r"u8);
        byte quote = value.IsEmpty ? (byte)0 : value[0];
        bool quoted = quote is (byte)'"' or (byte)'\'';
        if (quoted)
        {
            if (value.Length < 2 || value[^1] != quote)
                return false;
            value = value[1..^1];
        }
        if (value.Length > destination.Length)
            return false;
        for (int i = 0; i < value.Length; i++)
        {
            // Within single quotes a backslash is a character like any other.
            if (value[i] == (byte)'\\' && quote != (byte)'\'' && i + 1 < value.Length)
                i++;
            destination[length++] = value[i];
        }
        return true;
    }
}
