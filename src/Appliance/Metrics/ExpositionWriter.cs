using System;
using System.Buffers;
using System.Diagnostics;

namespace Appliance.Metrics;

/// <summary>Composes the samples of one scrape, as Prometheus text format 0.0.4 or OpenMetrics 1.0, from the same calls.</summary>
/// <remarks>
/// One family: <see cref="Family"/>, then for each sample its labels and its value.
/// <code>
/// writer.Family(MetricType.Counter, "node_cpu_seconds_total"u8, "Time each CPU spent in each mode."u8);
/// writer.Label("cpu"u8, 0).Label("mode"u8, "user"u8).Sample(12.5);
/// </code>
/// A family without samples leaves no trace. The text stays in one array, which grows with the longest scrape and is used
/// again, so that a scrape allocates nothing and what a failed collector wrote can be taken back. No sample is written twice, as
/// some scrapers then refuse the whole answer: the first counts, as with node_exporter. /proc/net/dev, read while interfaces come
/// and go, can have one twice. A family twice is for the caller to take back, <see cref="HasRepeatedFamily"/>.
/// Deliberately not here: timestamps, exemplars, # UNIT; nothing that is collected has them.
/// </remarks>
internal sealed partial class ExpositionWriter
{
    private const int None = int.MaxValue;

    private static readonly SearchValues<byte> NameBytes = // a digit not first
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:"u8);

    private static ReadOnlySpan<byte> Total => "_total"u8;

    private readonly ExpositionIndex _index = new();
    private readonly ExpositionText _text = new();
    private ExpositionFormat _format;

    private byte[] _name = new byte[128]; // of the family's samples
    private int _nameLength;
    private int _familyStart;
    private bool _hasSamples = true;
    private Line _line;
    private (int Start, int Length) _first; // sample of the family, as long as there is no other
    private int _repeatedFamily = None; // where the first one starts

    /// <summary>What was written since <see cref="Begin"/>.</summary>
    public ReadOnlyMemory<byte> Written => _text.Written;

    /// <summary>Whether a family was written a second time, by its name in either format, and not taken back.</summary>
    public bool HasRepeatedFamily => _repeatedFamily != None;

    /// <summary>How many names and samples there are, to be told apart.</summary>
    public int Names => _index.Count;

    /// <summary>Starts over.</summary>
    public void Begin(ExpositionFormat format)
    {
        _format = format;
        _text.CutAt(0);
        _line = Line.None;
        _hasSamples = true;
        _index.Clear();
        _repeatedFamily = None;
        _first = default;
    }

    /// <summary>Says that no more families follow.</summary>
    public void End()
    {
        DropEmptyFamily();
        if (_format == ExpositionFormat.OpenMetrics)
            _text.Append("# EOF\n"u8);
    }

    /// <summary>Where the text stands now, for <see cref="RollBack"/>.</summary>
    public int Mark()
    {
        DropEmptyFamily();
        return _text.Length;
    }

    /// <summary>Takes back everything written since the mark, whatever state it is in.</summary>
    public void RollBack(int mark)
    {
        _text.CutAt(mark);
        _line = Line.None;
        _hasSamples = true;
        _index.RemoveFrom(mark);
        _first = default;
        if (_repeatedFamily >= mark)
            _repeatedFamily = None;
    }

    /// <summary>Another writer, with what was written up to a mark. Whoever writes behind the mark meanwhile does no harm.</summary>
    /// <param name="mark">Where.</param>
    /// <param name="names">What <see cref="Names"/> was there.</param>
    public ExpositionWriter CopyOf(int mark, int names)
    {
        ExpositionWriter copy = new() { _format = _format };
        copy._text.Append(_text.Beginning(mark));
        copy._index.Copy(_index, names);
        return copy;
    }

    /// <summary>Begins a family. All its samples follow before the next family, and none later.</summary>
    /// <param name="type">What its samples mean.</param>
    /// <param name="name">As node_exporter has it, a counter's with _total; what no name may have in it becomes '_'.</param>
    /// <param name="help">One sentence.</param>
    public void Family(MetricType type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help)
    {
        DropEmptyFamily();
        SetName(name);
        _familyStart = _text.Length;
        _hasSamples = false;
        _first = default;
        _text.Append("# HELP "u8);
        _text.Append(_name.AsSpan(0, _nameLength));
        // OpenMetrics §5.1: the family of a counter has the name without the suffix that its samples must have. A counter without
        // the suffix, or whose family would be another's, is "unknown" there, so that samples have one name in both formats.
        bool hasShortName = type == MetricType.Counter && name.Length > Total.Length && name.EndsWith(Total)
            && _index.TryAdd(_text.Bytes, _familyStart, _text.Length - _familyStart - Total.Length);
        if (!hasShortName)
            NoteFamily(_familyStart, _text.Length - _familyStart);
        int familyLength = _nameLength;
        if (_format == ExpositionFormat.OpenMetrics && hasShortName)
        {
            familyLength -= Total.Length;
            _text.CutAt(_text.Length - Total.Length);
        }
        else if (_format == ExpositionFormat.OpenMetrics && type == MetricType.Counter)
        {
            type = MetricType.Untyped;
        }
        _text.Append((byte)' ');
        _text.AppendEscaped(help, escapesQuotes: _format == ExpositionFormat.OpenMetrics);
        _text.Append("\n# TYPE "u8);
        _text.Append(_name.AsSpan(0, familyLength));
        _text.Append((byte)' ');
        _text.Append(TypeName(type));
        _text.Append((byte)'\n');
    }

    private ReadOnlySpan<byte> TypeName(MetricType type) => type switch
    {
        MetricType.Counter => "counter"u8,
        MetricType.Gauge => "gauge"u8,
        MetricType.Histogram => "histogram"u8,
        MetricType.Summary => "summary"u8,
        _ => _format == ExpositionFormat.OpenMetrics ? "unknown"u8 : "untyped"u8,
    };

    private void DropEmptyFamily()
    {
        Debug.Assert(_line == Line.None);
        if (!_hasSamples)
            RollBack(_familyStart);
    }

    private void NoteFamily(int start, int length)
    {
        if (!_index.TryAdd(_text.Bytes, start, length))
            _repeatedFamily = Math.Min(_repeatedFamily, start);
    }

    private void SetName(ReadOnlySpan<byte> name)
    {
        if (name.Length > _name.Length)
            Array.Resize(ref _name, Math.Max(_name.Length * 2, name.Length));
        name.CopyTo(_name);
        _nameLength = name.Length;
        Span<byte> rest = _name.AsSpan(0, name.Length);
        if (rest is [>= (byte)'0' and <= (byte)'9', ..])
            rest[0] = (byte)'_';
        for (int bad; (bad = rest.IndexOfAnyExcept(NameBytes)) >= 0; rest = rest[(bad + 1)..])
            rest[bad] = (byte)'_';
    }
}
