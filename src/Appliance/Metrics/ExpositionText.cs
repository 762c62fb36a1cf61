using System;
using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Appliance.Metrics;

/// <summary>The text of an exposition, in one array that grows with the longest scrape and is used again.</summary>
internal sealed class ExpositionText
{
    private const int FirstLength = 32 * 1024; // most devices need 40 to 80 KB
    private const int NumberLength = 32; // 20 digits of a ulong; 24 characters of a double

    private byte[] _bytes = new byte[FirstLength];

    /// <summary>In bytes.</summary>
    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>The first bytes, also while another thread appends to them.</summary>
    public ReadOnlySpan<byte> Beginning(int length) => _bytes.AsSpan(0, length);

    /// <summary>Forgets what stands behind a place.</summary>
    public void CutAt(int length) => Length = length;

    public void Append(byte one)
    {
        Room(1)[0] = one;
        Length++;
    }

    public void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        Length += text.Length;
    }

    public void AppendNumber(long value)
    {
        bool fits = Utf8Formatter.TryFormat(value, Room(NumberLength), out int written);
        Debug.Assert(fits);
        Length += written;
    }

    public void AppendNumber(ulong value)
    {
        bool fits = Utf8Formatter.TryFormat(value, Room(NumberLength), out int written);
        Debug.Assert(fits);
        Length += written;
    }

    /// <summary>Appends the shortest text that reads back as the same number.</summary>
    public void AppendNumber(double value)
    {
        if (!double.IsFinite(value))
        {
            Append(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
            return;
        }
        bool fits = value.TryFormat(Room(NumberLength), out int written, default, CultureInfo.InvariantCulture);
        Debug.Assert(fits);
        Length += written;
    }

    /// <summary>Appends a number of fractions: 1234 with 3 decimals is 1.234.</summary>
    /// <param name="count">How many of the fractions.</param>
    /// <param name="decimals">1 to 9: which power of ten makes a whole.</param>
    public void AppendFractions(ulong count, int decimals)
    {
        ulong whole = 1;
        for (int i = 0; i < decimals; i++)
            whole *= 10;
        Span<byte> room = Room(NumberLength);
        bool fits = Utf8Formatter.TryFormat(count / whole, room, out int written);
        fits &= Utf8Formatter.TryFormat(count % whole, room[(written + 1)..], out _, new StandardFormat('D', (byte)decimals));
        Debug.Assert(fits);
        room[written] = (byte)'.';
        Length += written + 1 + decimals;
    }

    /// <summary>Appends a text in which a backslash, a newline and, if asked for, a quote are escaped.</summary>
    public void AppendEscaped(ReadOnlySpan<byte> text, bool escapesQuotes)
    {
        while (true)
        {
            int special = escapesQuotes ? text.IndexOfAny("\\\n\""u8) : text.IndexOfAny("\\\n"u8);
            if (special < 0)
            {
                Append(text);
                return;
            }
            Append(text[..special]);
            Append((byte)'\\');
            Append(text[special] == (byte)'\n' ? (byte)'n' : text[special]);
            text = text[(special + 1)..];
        }
    }

    /// <summary>The same, quotes too, of a text that is not UTF-8: what is no character becomes U+FFFD.</summary>
    public void AppendRepaired(ReadOnlySpan<byte> text)
    {
        Span<byte> character = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune rune, out int used);
            AppendEscaped(character[..rune.EncodeToUtf8(character)], escapesQuotes: true);
            text = text[used..];
        }
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - Length < length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + length));
        return _bytes.AsSpan(Length);
    }
}
