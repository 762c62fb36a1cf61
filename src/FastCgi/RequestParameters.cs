using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>The CGI variables of a request (RFC 3875 §4.1), as bytes. Names are case-sensitive.</summary>
/// <remarks>
/// Collects the PARAMS stream in one buffer, so a pair may be split anywhere, and indexes it once it is whole. Of a name sent
/// more than once, HTTP_* values are joined (RFC 9110 §5.2), of all others the last stands. Left out are
/// pairs without a name and HTTP_PROXY, which a client could set to redirect what the handler fetches ("httpoxy").
/// Nothing is allocated once the buffers have grown to the size of the requests that come.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "RFC 3875 calls them meta-variables, FastCGI parameters; neither a dictionary.")]
public sealed class RequestParameters
{
    private const int InitialBytes = 1024; // lighttpd sends 600 to 900 for a browser's request
    private const int InitialPairs = 40;
    private const int Buckets = 64; // bits of _used
    private const int None = -1;

    private byte[] _bytes = new byte[InitialBytes];
    private int _length;
    private Pair[] _pairs = new Pair[InitialPairs];
    private readonly int[] _latest = new int[Buckets]; // of the pairs in each bucket; the others hang on it by Pair.Earlier
    private ulong _used; // a bit for each bucket with pairs: in the others _latest is of other requests

    internal RequestParameters()
    {
    }

    /// <summary>How many variables there are.</summary>
    public int Count { get; private set; }

    /// <summary>The value of a variable; empty when it is not there.</summary>
    public ReadOnlySpan<byte> this[ReadOnlySpan<byte> name] => TryGetValue(name, out ReadOnlySpan<byte> value) ? value : default;

    /// <summary>The value of a variable, valid as long as the request.</summary>
    /// <returns>False when the variable is not there.</returns>
    public bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int at = IndexOf(name);
        value = at < 0 ? default : ValueOf(_pairs[at]);
        return at >= 0;
    }

    /// <summary>The value of a variable as text, bytes that are not UTF-8 replaced; null when it is not there.</summary>
    public string? GetString(ReadOnlySpan<byte> name) =>
        TryGetValue(name, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : null;

    /// <summary>The variable at a position, 0 to <see cref="Count"/> − 1, in the order the front sent them.</summary>
    public void GetAt(int index, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        name = NameOf(_pairs[index]);
        value = ValueOf(_pairs[index]);
    }

    internal void Clear()
    {
        _length = 0;
        Count = 0;
        _used = 0;
    }

    /// <summary>Adds a piece of the PARAMS stream. False when that makes it longer than allowed.</summary>
    internal bool TryAppend(in ReadOnlySequence<byte> piece, int maxBytes)
    {
        if (piece.Length > maxBytes - _length)
            return false;
        Reserve((int)piece.Length);
        piece.CopyTo(_bytes.AsSpan(_length));
        _length += (int)piece.Length;
        return true;
    }

    /// <summary>Indexes the stream once it is whole. False when there are more pairs than allowed.</summary>
    /// <exception cref="FastCgiProtocolException">The stream ends inside a pair.</exception>
    internal bool TryIndex(int maxPairs)
    {
        ReadOnlySpan<byte> stream = _bytes.AsSpan(0, _length);
        var reader = new NameValueReader(stream);
        bool repeated = false;
        while (reader.TryReadPlace(out int nameStart, out int nameLength, out int valueLength))
        {
            ReadOnlySpan<byte> name = stream.Slice(nameStart, nameLength);
            if (name.IsEmpty || (name.Length == 10 && name.SequenceEqual("HTTP_PROXY"u8)))
                continue;
            if (Count == maxPairs)
                return false;

            uint kind = KindOf(name);
            int same = IndexOf(name, kind);
            bool repeats = same >= 0 && name.StartsWith("HTTP_"u8);
            if (same >= 0 && !repeats)
            {
                _pairs[same].Place(nameStart, nameLength, valueLength);
                continue;
            }
            if (Count == _pairs.Length)
                Array.Resize(ref _pairs, Count * 2);
            ref Pair pair = ref _pairs[Count];
            pair.Place(nameStart, nameLength, valueLength);
            pair.Kind = kind;
            pair.Repeats = repeats;
            repeated |= repeats;
            Link(Count++);
        }
        if (!reader.AtEnd)
            throw new FastCgiProtocolException($"PARAMS end inside a pair: {_length - reader.Consumed} bytes left over");
        if (repeated)
            JoinRepeated();
        return true;
    }

    /// <summary>The value of a variable, as bytes that stay until the next request; empty when it is not there.</summary>
    internal ReadOnlyMemory<byte> Find(ReadOnlySpan<byte> name)
    {
        int at = IndexOf(name);
        return at < 0 ? default : _bytes.AsMemory(_pairs[at].ValueStart, _pairs[at].ValueLength);
    }

    /// <summary>Two variables one behind the other, as bytes that stay until the next request.</summary>
    internal ReadOnlyMemory<byte> Concatenate(ReadOnlySpan<byte> firstName, ReadOnlySpan<byte> secondName)
    {
        int first = IndexOf(firstName);
        int second = IndexOf(secondName);
        if (second < 0 || _pairs[second].ValueLength == 0)
            return first < 0 ? default : _bytes.AsMemory(_pairs[first].ValueStart, _pairs[first].ValueLength);

        int start = _length;
        if (first >= 0)
            Append(ValueOf(_pairs[first]));
        Append(ValueOf(_pairs[second]));
        return _bytes.AsMemory(start, _length - start);
    }

    /// <summary>
    /// Puts the values of each name that came more than once behind each other at the buffer's end. Each value is copied
    /// once, so a request cannot make this cost more than its own length.
    /// </summary>
    private void JoinRepeated()
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            Pair pair = _pairs[i];
            if (pair.Repeats)
                continue;
            _pairs[kept++] = HasRepeats(i) ? Join(i) : pair;
        }
        Count = kept;
        _used = 0;
        for (int i = 0; i < Count; i++)
            Link(i);
    }

    private bool HasRepeats(int at)
    {
        for (int i = at + 1; i < Count; i++)
        {
            if (_pairs[i].Repeats && NameOf(_pairs[i]).SequenceEqual(NameOf(_pairs[at])))
                return true;
        }
        return false;
    }

    private Pair Join(int at)
    {
        Pair first = _pairs[at];
        bool cookie = NameOf(first).SequenceEqual("HTTP_COOKIE"u8); // RFC 6265 §5.4 has its own separator
        int start = _length;
        Append(NameOf(first));
        Append(ValueOf(first));
        for (int i = at + 1; i < Count; i++)
        {
            if (!_pairs[i].Repeats || !NameOf(_pairs[i]).SequenceEqual(_bytes.AsSpan(start, first.NameLength)))
                continue;
            Append(cookie ? "; "u8 : ", "u8);
            Append(ValueOf(_pairs[i]));
        }
        first.Place(start, first.NameLength, _length - start - first.NameLength);
        return first;
    }

    private int IndexOf(ReadOnlySpan<byte> name) => name.IsEmpty ? None : IndexOf(name, KindOf(name));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // once per pair of every request, nearly always in vain
    private int IndexOf(ReadOnlySpan<byte> name, uint kind)
    {
        int bucket = BucketOf(kind);
        return (_used >> bucket & 1) == 0 ? None : Search(_latest[bucket], name, kind);
    }

    private int Search(int at, ReadOnlySpan<byte> name, uint kind)
    {
        while (at != None && (_pairs[at].Kind != kind || !NameOf(_pairs[at]).SequenceEqual(name)))
            at = _pairs[at].Earlier;
        return at;
    }

    /// <summary>Makes the pair at a position one that is found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // once per pair of every request
    private void Link(int at)
    {
        int bucket = BucketOf(_pairs[at].Kind);
        _pairs[at].Earlier = (_used >> bucket & 1) == 0 ? None : _latest[bucket];
        _latest[bucket] = at;
        _used |= 1UL << bucket;
    }

    /// <summary>Tells names of different lengths, last or middle letters apart without reading them: nearly all that a front sends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint KindOf(ReadOnlySpan<byte> name) =>
        (uint)name.Length ^ ((uint)name[^1] << 16) ^ ((uint)name[name.Length / 2] << 24);

    /// <summary>Fibonacci hashing to one of 64.</summary>
    private static int BucketOf(uint kind) => (int)(kind * 0x9E37_79B1 >> 26);

    private ReadOnlySpan<byte> NameOf(in Pair pair) => _bytes.AsSpan(pair.Start, pair.NameLength);

    private ReadOnlySpan<byte> ValueOf(in Pair pair) => _bytes.AsSpan(pair.ValueStart, pair.ValueLength);

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length); // bytes may stand in the buffer that this replaces: a span keeps it alive
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int more)
    {
        if (_length + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
    }

    /// <summary>Where a pair stands in the buffer: its value directly behind its name.</summary>
    private struct Pair
    {
        public int Start;
        public int NameLength;
        public int ValueLength;
        public uint Kind; // of its name
        public int Earlier; // the pair before it in its bucket
        public bool Repeats; // an HTTP_* pair whose name came before; joined to the first one at the end

        public readonly int ValueStart => Start + NameLength;

        public void Place(int start, int nameLength, int valueLength)
        {
            Start = start;
            NameLength = nameLength;
            ValueLength = valueLength;
        }
    }
}
