using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>The counters of one answer beside those of an earlier one.</summary>
internal sealed class CounterGrowth(CounterTable? earlier, CounterTable now, double seconds)
{
    public CounterTable Now => now;

    /// <summary>Whether there is an earlier answer to compare with.</summary>
    public bool HasEarlier => earlier is not null;

    /// <summary>Notes where the counters of a device stand.</summary>
    /// <returns>Where they stood earlier; empty when that is not known, as of a device that is new.</returns>
    public ReadOnlySpan<ulong> Add(ReadOnlySpan<byte> name, ReadOnlySpan<ulong> counters)
    {
        ReadOnlySpan<ulong> before = earlier is null ? default : earlier.Find(name, now.Count);
        now.Add(name, counters);
        return before;
    }

    /// <summary>Writes "interval_seconds": over how long the rates beside it are an average.</summary>
    public void WriteInterval(Utf8JsonWriter writer) => Hundredths.Of(seconds).Write(writer, "interval_seconds"u8);

    /// <summary>Writes how much a counter grew in a second; nothing when it was set back, as a driver does that starts anew.</summary>
    public void WriteRate(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ulong before, ulong counter, ulong unit = 1)
    {
        if (counter >= before)
            writer.WriteNumber(name, (ulong)((counter - before) * (double)unit / seconds));
    }

    /// <summary>Writes what part of the interval something took, in percent with two decimals; at most 100.</summary>
    public void WritePercent(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ulong milliseconds) =>
        WritePercent(writer, name, milliseconds, (ulong)(seconds * 1000));

    /// <summary>Writes how much of one CPU's time in the interval was used, in percent with two decimals; of several CPUs more than 100.</summary>
    public void WriteCpuPercent(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Hundredths used) =>
        new Hundredths((ulong)(used.Count * 100.0 / seconds)).Write(writer, name);

    /// <summary>Writes what part of a whole, in the same unit, something is: in percent with two decimals.</summary>
    public static void WritePercent(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ulong part, ulong whole)
    {
        if (whole > 0)
            new Hundredths((ulong)((UInt128)Math.Min(part, whole) * 10_000 / whole)).Write(writer, name);
    }
}
