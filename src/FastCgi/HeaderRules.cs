using System;
using System.Buffers;
using System.Text;

namespace FastCgi;

/// <summary>What a header field may look like, so that no value can smuggle in a field or a body of its own (RFC 9110 §5).</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-.^_`|~"u8);

    private static readonly SearchValues<byte> ControlCharacters = SearchValues.Create("\r\n\0"u8);

    /// <summary>RFC 9110 §5.6.2.</summary>
    public static bool IsToken(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.ContainsAnyExcept(TokenBytes);

    /// <summary>RFC 9110 §5.5: CR, LF and NUL are the ones that do harm.</summary>
    public static bool IsFieldValue(ReadOnlySpan<byte> value) => !HasControlCharacter(value);

    /// <summary>Whether something that reads the text by lines, or as a string of C, would take a part of it for something else.</summary>
    public static bool HasControlCharacter(ReadOnlySpan<byte> text) => text.ContainsAny(ControlCharacters);

    /// <summary>What the front takes the prefix off, to hand the variable on (FastCGI 1.0 §6.3).</summary>
    public static ReadOnlySpan<byte> VariablePrefix => "Variable-"u8;

    /// <summary>The name of an environment variable, as fronts and what runs behind them take it (POSIX.1 §8.1).</summary>
    public static bool IsVariableName(ReadOnlySpan<byte> name)
    {
        foreach (byte b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != '_')
                return false;
        }
        return !name.IsEmpty && !char.IsAsciiDigit((char)name[0]);
    }

    /// <summary>
    /// Fields about the connection to the client, which the front keeps (RFC 9110 §7.6.1), and those the response composes itself, of <see cref="FastCgiResponse.AddVariable"/> too.
    /// </summary>
    public static bool BelongsToFront(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 => Ascii.EqualsIgnoreCase(name, "Status"u8),
        10 => Ascii.EqualsIgnoreCase(name, "Connection"u8) || Ascii.EqualsIgnoreCase(name, "Keep-Alive"u8),
        14 => Ascii.EqualsIgnoreCase(name, "Content-Length"u8),
        17 => Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8),
        _ => false,
    } || (name.Length > VariablePrefix.Length && (name[0] | 0x20) == 'v' && Ascii.EqualsIgnoreCase(name[..VariablePrefix.Length], VariablePrefix));
}
