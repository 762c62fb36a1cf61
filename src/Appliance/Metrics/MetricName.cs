using System;

namespace Appliance.Metrics;

/// <summary>A metric's name put together from parts, in the caller's buffer.</summary>
internal ref struct MetricName(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;

    public readonly ReadOnlySpan<byte> Text => _buffer[.._length];

    public void Append(ReadOnlySpan<byte> part)
    {
        part.CopyTo(_buffer[_length..]);
        _length += part.Length;
    }

    public void Append(byte character) => _buffer[_length++] = character;
}
