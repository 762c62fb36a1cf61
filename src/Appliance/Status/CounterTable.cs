using System;
using System.Collections.Generic;

namespace Appliance.Status;

/// <summary>What the counters of several devices stood at in one moment, by the names the kernel has for them.</summary>
/// <param name="takenAt">The moment, in ticks of the clock of <see cref="CounterHistory"/>.</param>
internal sealed class CounterTable(long takenAt)
{
    private readonly List<Row> _rows = [];

    public long TakenAt => takenAt;

    public int Count => _rows.Count;

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<ulong> counters) => _rows.Add(new Row(name.ToArray(), counters.ToArray()));

    /// <summary>The counters of that name; empty when there are none.</summary>
    /// <param name="name">As it was added.</param>
    /// <param name="expectedAt">Where the search begins: the kernel lists devices in the same order each time.</param>
    public ReadOnlySpan<ulong> Find(ReadOnlySpan<byte> name, int expectedAt)
    {
        for (int i = 0; i < _rows.Count; i++)
        {
            Row row = _rows[(expectedAt + i) % _rows.Count];
            if (name.SequenceEqual(row.Name))
                return row.Counters;
        }
        return default;
    }

    private readonly record struct Row(byte[] Name, ulong[] Counters);
}
