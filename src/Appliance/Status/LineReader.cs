using System;

namespace Appliance.Status;

/// <summary>Hands out the lines of a kernel text file, one after the other, without their newline.</summary>
/// <remarks>
/// A line counts only when its newline is there. The kernel ends every line, so a text that stops in mid-line was cut, and the
/// number it stops in must not be believed: "MemTotal: 24" is not 24.
/// </remarks>
internal ref struct LineReader
{
    private ReadOnlySpan<byte> _rest;

    public LineReader(ReadOnlySpan<byte> text)
    {
        _rest = text;
        LineNumber = 0;
    }

    /// <summary>Number of the line read last, counted from 1 as editors do.</summary>
    public int LineNumber { get; private set; }

    /// <summary>After the last line: whether bytes without a newline follow it.</summary>
    public readonly bool IsCut => !_rest.IsEmpty;

    /// <summary>Reads the next whole line.</summary>
    /// <returns>False at the end of the text or when only a part of a line is left.</returns>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int end = _rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            line = default;
            return false;
        }
        line = _rest[..end];
        _rest = _rest[(end + 1)..];
        LineNumber++;
        return true;
    }
}
