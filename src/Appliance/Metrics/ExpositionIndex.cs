using System;
using System.Runtime.InteropServices;

namespace Appliance.Metrics;

/// <summary>Which names and samples an exposition has already, as places in its text.</summary>
/// <remarks>
/// An open hash table over the text itself, so that nothing is copied and, once it is large enough, nothing allocated. What came
/// last goes first, therefore an entry leaves no gap for others to stumble over.
/// </remarks>
internal sealed class ExpositionIndex
{
    // Another with every start: labels that land in one slot today do not tomorrow.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64();

    private const int FirstCount = 512; // most devices have more; it doubles

    private Entry[] _entries = new Entry[FirstCount];
    private int[] _slots = new int[2 * FirstCount]; // number of an entry, counted from 1; 0 is free
    private int _count;

    public int Count => _count;

    /// <summary>Takes over the first entries of another, of the same text, into which entries behind those may come meanwhile.</summary>
    public void Copy(ExpositionIndex other, int count)
    {
        Entry[] entries = other._entries;
        _entries = new Entry[entries.Length];
        Array.Copy(entries, _entries, count);
        _count = count;
        Arrange(2 * entries.Length);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        _count = 0;
    }

    /// <summary>Adds a part of the text.</summary>
    /// <returns>False when the same bytes are there already, somewhere before.</returns>
    public bool TryAdd(ReadOnlySpan<byte> text, int start, int length)
    {
        ReadOnlySpan<byte> key = text.Slice(start, length);
        Entry entry = new(Hash(key), start, length);
        int slot = FirstSlot(entry);
        for (; _slots[slot] != 0; slot = Next(slot))
        {
            Entry other = _entries[_slots[slot] - 1];
            if (other.Hash == entry.Hash && key.SequenceEqual(text.Slice(other.Start, other.Length)))
                return false;
        }
        _entries[_count++] = entry;
        _slots[slot] = _count;
        if (_count == _entries.Length)
            Grow();
        return true;
    }

    /// <summary>Forgets what starts there or later.</summary>
    public void RemoveFrom(int start)
    {
        for (; _count > 0 && _entries[_count - 1].Start >= start; _count--)
        {
            int slot = FirstSlot(_entries[_count - 1]);
            while (_slots[slot] != _count)
                slot = Next(slot);
            _slots[slot] = 0;
        }
    }

    /// <summary>Eight bytes at a step; System.HashCode takes four, which was a twelfth of a scrape.</summary>
    private static int Hash(ReadOnlySpan<byte> key)
    {
        ulong hash = Seed + (uint)key.Length;
        for (; key.Length >= sizeof(ulong); key = key[sizeof(ulong)..])
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(key));
        ulong rest = 0;
        foreach (byte one in key)
            rest = (rest << 8) | one;
        hash = Mix(hash ^ rest);
        return (int)(hash ^ (hash >> 32));
    }

    // The multiplier is Knuth's, 2^64 by the golden ratio; the upper half, which every bit has reached, comes down for the next step.
    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        return value ^ (value >> 29);
    }

    private int FirstSlot(Entry entry) => entry.Hash & (_slots.Length - 1);

    private int Next(int slot) => (slot + 1) & (_slots.Length - 1);

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        Arrange(2 * _entries.Length);
    }

    private void Arrange(int slots)
    {
        _slots = new int[slots];
        for (int i = 0; i < _count; i++)
        {
            int slot = FirstSlot(_entries[i]);
            while (_slots[slot] != 0)
                slot = Next(slot);
            _slots[slot] = i + 1;
        }
    }

    private readonly record struct Entry(int Hash, int Start, int Length);
}
