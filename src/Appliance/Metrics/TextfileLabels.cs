using System;

namespace Appliance.Metrics;

/// <summary>Hands out the labels of a sample as the text formats write them: <c>a="x",b="with \" in it",</c>.</summary>
/// <param name="text">From the opening brace on, without it.</param>
internal ref struct TextfileLabels(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;
    private bool _isFirst = true;

    /// <summary>Whether the closing brace was read.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>What follows the label read last, or the closing brace.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Reads the next label.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="escaped">Its value, in which \\, \" and \n stand for what has a meaning of its own.</param>
    /// <returns>False at the closing brace, and where the text makes no sense.</returns>
    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> escaped)
    {
        name = default;
        escaped = default;
        SkipBlanks();
        if (!_isFirst && TrySkip((byte)','))
            SkipBlanks();
        else if (!_isFirst && _rest is not [(byte)'}', ..])
            return false;
        _isFirst = false;
        if (TrySkip((byte)'}'))
        {
            IsAtEnd = true;
            return false;
        }
        int length = MetricName.LengthOfWord(_rest, allowsColon: false);
        name = _rest[..length];
        _rest = _rest[length..];
        SkipBlanks();
        if (length == 0 || !TrySkip((byte)'='))
            return false;
        SkipBlanks();
        return TrySkip((byte)'"') && TryReadValue(out escaped);
    }

    private bool TryReadValue(out ReadOnlySpan<byte> escaped)
    {
        int at = 0;
        while (at < _rest.Length && _rest[at] != (byte)'"')
        {
            bool isEscape = _rest[at] == (byte)'\\';
            if (isEscape && (at + 1 == _rest.Length || _rest[at + 1] is not ((byte)'\\' or (byte)'"' or (byte)'n')))
                break;
            at += isEscape ? 2 : 1;
        }
        escaped = _rest[..at];
        _rest = _rest[at..];
        return TrySkip((byte)'"');
    }

    private void SkipBlanks() => _rest = _rest.TrimStart(" \t"u8);

    private bool TrySkip(byte character)
    {
        if (_rest.IsEmpty || _rest[0] != character)
            return false;
        _rest = _rest[1..];
        return true;
    }
}
