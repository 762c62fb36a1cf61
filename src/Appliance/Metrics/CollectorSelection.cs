using System;
using System.Collections.Generic;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>Which collectors a scrape asks for: <c>?collect[]=cpu&amp;collect[]=meminfo</c>, or all but <c>?exclude[]=mdadm</c>.</summary>
internal readonly struct CollectorSelection
{
    private readonly bool[]? _included; // null: all

    private CollectorSelection(bool[] included) => _included = included;

    /// <summary>Whether the collector at this place of the table takes part.</summary>
    public bool Includes(int index) => _included is null || _included[index];

    /// <summary>Reads the query; parameters of other names are not looked at, as node_exporter does not.</summary>
    /// <exception cref="RequestRefusedException">A name is not in the table, or both parameters are there.</exception>
    public static CollectorSelection Parse(ReadOnlySpan<byte> query, IReadOnlyList<Collectors.Entry> collectors)
    {
        bool[]? included = null;
        bool excludes = false;
        QueryReader parameters = new(query);
        while (parameters.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            bool isExclude = name.SequenceEqual("exclude[]"u8);
            if (!isExclude && !name.SequenceEqual("collect[]"u8))
                continue;
            if (included is null)
            {
                included = new bool[collectors.Count];
                excludes = isExclude;
                Array.Fill(included, excludes);
            }
            else if (excludes != isExclude)
            {
                throw new RequestRefusedException(400, "collect[] and exclude[] cannot both be given");
            }
            included[IndexOf(value, collectors)] = !excludes;
        }
        return included is null ? default : new CollectorSelection(included);
    }

    private static int IndexOf(ReadOnlySpan<byte> name, IReadOnlyList<Collectors.Entry> collectors)
    {
        for (int i = 0; i < collectors.Count; i++)
        {
            if (name.SequenceEqual(collectors[i].Label))
                return i;
        }
        string known = "";
        foreach (Collectors.Entry entry in collectors)
            known += (known == "" ? "" : ", ") + entry.Name;
        throw new RequestRefusedException(400, $"there is no collector \"{Excerpt.Of(name)}\"; known are {known}");
    }
}
