using System;
using System.Collections.Generic;
using FastCgi.Protocol;

namespace FastCgi.Tests.Fuzzing;

/// <summary>Records on their way to become a conversation: they can be moved, repeated and damaged one by one.</summary>
internal sealed class Draft
{
    private byte[] _bytes = new byte[32 * 1024];
    private int _length;

    /// <summary>Where each record stands, in the order they are sent in.</summary>
    public List<Place> Records { get; } = [];

    public void Clear()
    {
        _length = 0;
        Records.Clear();
    }

    public void Add(RecordType type, ushort id, ReadOnlySpan<byte> content, int padding)
    {
        Span<byte> record = Append(RecordHeader.Length + content.Length + padding);
        new RecordHeader(type, id, (ushort)content.Length, (byte)padding).Write(record);
        record[7] = (byte)(padding ^ id); // reserved: whatever stands there is ignored
        content.CopyTo(record[RecordHeader.Length..]);
        record[(RecordHeader.Length + content.Length)..].Fill(0xAA);
    }

    /// <summary>Room for something that need not be a record.</summary>
    public Span<byte> Append(int length)
    {
        if (_length + length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        Records.Add(new Place(_length, length));
        _length += length;
        return _bytes.AsSpan(_length - length, length);
    }

    /// <summary>The bytes of a record, to be changed; no other shares them from now on.</summary>
    public Span<byte> Own(int index)
    {
        Place shared = Records[index];
        Append(shared.Length);
        Records[index] = Records[^1];
        Records.RemoveAt(Records.Count - 1);
        Span<byte> own = _bytes.AsSpan(Records[index].Start, shared.Length);
        _bytes.AsSpan(shared.Start, shared.Length).CopyTo(own);
        return own;
    }

    public bool IsBegin(Place place) => _bytes[place.Start + 1] == (byte)RecordType.BeginRequest;

    public byte[] ToArray()
    {
        int length = 0;
        foreach (Place place in Records)
            length += place.Length;
        byte[] all = new byte[length];
        int at = 0;
        foreach (Place place in Records)
        {
            _bytes.AsSpan(place.Start, place.Length).CopyTo(all.AsSpan(at));
            at += place.Length;
        }
        return all;
    }

    internal readonly record struct Place(int Start, int Length);
}
