using System;
using System.Diagnostics;
using System.Text;
using System.Text.Unicode;

namespace Appliance.Metrics;

/// <summary>The samples of a family: their labels, their values, and that none is written twice.</summary>
internal sealed partial class ExpositionWriter
{
    private int _lineStart;
    private bool _hasSuffix; // the name of the sample that is being written
    private bool _isRepetition; // the sample that is being written

    /// <summary>Begins a sample whose name is the family's with a suffix, such as _bucket. Others begin by themselves.</summary>
    public ExpositionWriter Suffix(ReadOnlySpan<byte> suffix)
    {
        Debug.Assert(_line == Line.None);
        _lineStart = _text.Length;
        _text.Append(_name.AsSpan(0, _nameLength));
        _text.Append(suffix);
        _hasSuffix = suffix.Length > 0;
        _line = Line.Named;
        return this;
    }

    /// <summary>Adds a label to the sample. What is not UTF-8 in its value becomes U+FFFD: scrapers refuse the whole answer otherwise.</summary>
    public ExpositionWriter Label(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        BeginLabel(name);
        if (Utf8.IsValid(value))
            _text.AppendEscaped(value, escapesQuotes: true);
        else
            _text.AppendRepaired(value);
        _text.Append((byte)'"');
        return this;
    }

    /// <summary>Adds a label whose value has its escapes already, which are the same in both formats.</summary>
    public ExpositionWriter EscapedLabel(ReadOnlySpan<byte> name, ReadOnlySpan<byte> escaped)
    {
        BeginLabel(name);
        _text.Append(escaped);
        _text.Append((byte)'"');
        return this;
    }

    /// <summary>Adds a label with a text of our own or of the C library: ASCII.</summary>
    public ExpositionWriter Label(ReadOnlySpan<byte> name, string value)
    {
        Span<byte> text = stackalloc byte[256];
        Ascii.FromUtf16(value.AsSpan(0, Math.Min(value.Length, text.Length)), text, out int length);
        return Label(name, text[..length]);
    }

    /// <summary>Adds a label whose value is a decimal number.</summary>
    public ExpositionWriter Label(ReadOnlySpan<byte> name, long value)
    {
        BeginLabel(name);
        _text.AppendNumber(value);
        _text.Append((byte)'"');
        return this;
    }

    /// <summary>Ends the sample.</summary>
    public void Sample(ulong value)
    {
        BeginValue();
        _text.AppendNumber(value);
        EndValue();
    }

    /// <summary>Ends the sample.</summary>
    public void Sample(long value)
    {
        BeginValue();
        _text.AppendNumber(value);
        EndValue();
    }

    /// <summary>Ends the sample with the shortest text that reads back as the same number.</summary>
    public void Sample(double value)
    {
        BeginValue();
        _text.AppendNumber(value);
        EndValue();
    }

    /// <summary>Ends the sample with a number that the kernel counts in fractions: 1234 with 3 decimals is 1.234, exactly.</summary>
    /// <param name="count">How many of the fractions.</param>
    /// <param name="decimals">0 to 9: which power of ten makes a whole.</param>
    public void Sample(ulong count, int decimals)
    {
        BeginValue();
        if (decimals == 0)
            _text.AppendNumber(count);
        else
            _text.AppendFractions(count, decimals);
        EndValue();
    }

    private void BeginLabel(ReadOnlySpan<byte> name)
    {
        if (_line == Line.None)
            Suffix(default);
        _text.Append(_line == Line.Named ? (byte)'{' : (byte)',');
        _text.Append(name);
        _text.Append("=\""u8);
        _line = Line.Labelled;
    }

    private void BeginValue()
    {
        if (_line == Line.None)
            Suffix(default);
        if (!_hasSamples && _name.AsSpan(0, _nameLength).EndsWith(Total))
            NoteFamily(_lineStart - 1, _nameLength + 1); // its whole name, told from a sample's by the newline before it
        if (_hasSamples || _hasSuffix || CouldBePartOfAnother(_name.AsSpan(0, _nameLength)))
        {
            _isRepetition = IsRepetition();
        }
        else
        {
            _isRepetition = false;
            _first = (_lineStart, _text.Length - _lineStart);
        }
        _text.Append(_line == Line.Labelled ? "} "u8 : " "u8);
        _line = Line.None;
        _hasSamples = true;
    }

    /// <summary>Whether another family, a histogram or a summary, can have samples of that name.</summary>
    private static bool CouldBePartOfAnother(ReadOnlySpan<byte> name) =>
        name.EndsWith("_bucket"u8) || name.EndsWith("_sum"u8) || name.EndsWith("_count"u8);

    /// <summary>Most families have one sample: the first is noted when there is a second.</summary>
    private bool IsRepetition()
    {
        if (_first.Length > 0)
            _index.TryAdd(_text.Bytes, _first.Start, _first.Length);
        _first = default;
        return !_index.TryAdd(_text.Bytes, _lineStart, _text.Length - _lineStart);
    }

    private void EndValue()
    {
        _text.Append((byte)'\n');
        if (_isRepetition)
            _text.CutAt(_lineStart);
    }

    /// <summary>How much of the sample's line is there.</summary>
    private enum Line
    {
        None,
        Named,
        Labelled,
    }
}
