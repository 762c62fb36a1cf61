using System;
using System.Buffers.Text;

namespace Appliance.Status;

/// <summary>Hands out the fields of one line, which any number of spaces or tabs separate.</summary>
/// <remarks>Every Try method answers false for "not there or not of this form" and then leaves the position alone.</remarks>
internal ref struct FieldReader
{
    private ReadOnlySpan<byte> _rest;

    public FieldReader(ReadOnlySpan<byte> line) => _rest = line;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Reads the next field as it stands.</summary>
    public bool TryRead(out ReadOnlySpan<byte> field)
    {
        // Most often one blank separates fields, for which a search costs more than it saves.
        int start = 0;
        while (start < _rest.Length && _rest[start] is (byte)' ' or (byte)'\t')
            start++;
        field = _rest[start..];
        int length = field.IndexOfAny((byte)' ', (byte)'\t');
        if (length >= 0)
            field = field[..length];
        if (field.IsEmpty)
            return false;
        _rest = _rest[(start + field.Length)..];
        return true;
    }

    /// <summary>Reads an unsigned decimal number that fills its field.</summary>
    public bool TryReadNumber(out ulong number)
    {
        ReadOnlySpan<byte> before = _rest;
        if (TryRead(out ReadOnlySpan<byte> field) && TryParseNumber(field, out number))
            return true;
        _rest = before;
        number = 0;
        return false;
    }

    /// <summary>Reads an unsigned hexadecimal number, without a prefix, that fills its field.</summary>
    public bool TryReadHexadecimal(out ulong number)
    {
        ReadOnlySpan<byte> before = _rest;
        if (TryRead(out ReadOnlySpan<byte> field)
            && Utf8Parser.TryParse(field, out number, out int used, 'x') && used == field.Length)
        {
            return true;
        }
        _rest = before;
        number = 0;
        return false;
    }

    /// <summary>Reads a number with two decimals that fills its field.</summary>
    public bool TryReadHundredths(out Hundredths number)
    {
        ReadOnlySpan<byte> before = _rest;
        if (TryRead(out ReadOnlySpan<byte> field) && Hundredths.TryParse(field, out number))
            return true;
        _rest = before;
        number = default;
        return false;
    }

    /// <summary>Parses a span that holds an unsigned decimal number and nothing else.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, out ulong number) =>
        Utf8Parser.TryParse(text, out number, out int used) && used == text.Length;

    /// <summary>Parses a span that holds a decimal number, with a sign or not, and nothing else.</summary>
    public static bool TryParseSigned(ReadOnlySpan<byte> text, out long number) =>
        Utf8Parser.TryParse(text, out number, out int used) && used == text.Length;
}
