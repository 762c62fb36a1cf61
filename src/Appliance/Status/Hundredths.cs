using System;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>A number with exactly two decimals, kept as a count of hundredths.</summary>
/// <remarks>
/// The kernel prints uptime and load with "%lu.%02lu" and counts CPU time in hundredths of a second, so this is their exact
/// form; a double would bring NaN, rounding and its formatting code into the binary.
/// </remarks>
internal readonly struct Hundredths
{
    public Hundredths(ulong count) => Count = count;

    /// <summary>How many hundredths: 619.63 is 61963.</summary>
    public ulong Count { get; }

    /// <summary>The nearest number with two decimals to one that is not negative.</summary>
    public static Hundredths Of(double number) => new((ulong)Math.Round(number * 100));

    /// <summary>Parses "619.63": digits, a point, two digits, nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Hundredths number)
    {
        number = default;
        int point = text.IndexOf((byte)'.');
        if (point < 0 || text.Length - point != 3
            || !FieldReader.TryParseNumber(text[..point], out ulong whole)
            || !FieldReader.TryParseNumber(text[(point + 1)..], out ulong fraction)
            || whole > (ulong.MaxValue / 100) - 1)
        {
            return false;
        }
        number = new Hundredths((whole * 100) + fraction);
        return true;
    }

    /// <summary>Writes the property as a JSON number with both decimals.</summary>
    public void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name) => Write(writer, name, sign: default);

    /// <summary>Writes the property as a number below zero.</summary>
    public void WriteNegative(Utf8JsonWriter writer, ReadOnlySpan<byte> name) => Write(writer, name, "-"u8);

    private void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> sign)
    {
        Span<byte> text = stackalloc byte[24]; // a sign, 18 digits of ulong.MaxValue / 100, a point, two digits
        sign.CopyTo(text);
        bool fits = Utf8Formatter.TryFormat(Count / 100, text[sign.Length..], out int length);
        Debug.Assert(fits);
        length += sign.Length;
        ulong fraction = Count % 100;
        text[length++] = (byte)'.';
        text[length++] = (byte)('0' + (fraction / 10));
        text[length++] = (byte)('0' + (fraction % 10));
        writer.WritePropertyName(name);
        writer.WriteRawValue(text[..length], skipInputValidation: true);
    }
}
