using System;

namespace Appliance.Metrics;

/// <summary>A metric's name put together from parts, in the caller's buffer.</summary>
internal ref struct MetricName(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;

    public readonly ReadOnlySpan<byte> Text => _buffer[.._length];

    /// <summary>How many bytes at the start of a text can be a metric's name, or without the colon a label's: [a-zA-Z_:][a-zA-Z0-9_:]*.</summary>
    public static int LengthOfWord(ReadOnlySpan<byte> text, bool allowsColon)
    {
        int length = 0;
        while (length < text.Length
            && (char.IsAsciiLetter((char)text[length]) || text[length] == (byte)'_' || (allowsColon && text[length] == (byte)':')
                || (length > 0 && char.IsAsciiDigit((char)text[length]))))
        {
            length++;
        }
        return length;
    }

    public void Append(ReadOnlySpan<byte> part)
    {
        part.CopyTo(_buffer[_length..]);
        _length += part.Length;
    }

    public void Append(byte character) => _buffer[_length++] = character;
}
