using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>What one answer could not say, and why: the document's "unavailable" list.</summary>
/// <remarks>
/// Shape: <c>[{"part":"memory","reason":"/proc/meminfo: a field is missing"}]</c>. "part" names the member of the document
/// that is missing or, for the lists (filesystems, interfaces), incomplete. The list is empty when everything was read.
/// </remarks>
internal sealed class UnavailableParts
{
    // Allocated with the first failure: the usual answer has none.
    private List<Entry>? _entries;

    /// <summary>Notes all that others have noted.</summary>
    public void Add(UnavailableParts others)
    {
        foreach (Entry entry in others._entries ?? [])
            (_entries ??= []).Add(entry);
    }

    /// <summary>Notes that a part is missing because of what <paramref name="reason"/> says, path included.</summary>
    public void Add(string part, string reason) => (_entries ??= []).Add(new Entry(part, reason));

    /// <summary>Notes that a part is missing because the text of a file has a fault.</summary>
    public void Add(string part, string path, string fault) => Add(part, string.Concat(path, ": ", fault));

    /// <summary>Notes that a list lacks entries because a line of a file has a fault.</summary>
    public void Add(string part, string path, int line, string fault) =>
        Add(part, string.Concat(path, " line ", line.ToString(CultureInfo.InvariantCulture), ": ") + fault);

    /// <summary>Notes that a list has not all that a file has: because the text was cut, or the list is as long as it may be.</summary>
    public void AddRest(string part, string path, ListReader lines, int most)
    {
        if (lines.TryRead(out _))
            AddMore(part, path, most);
        else if (lines.Fault is not null)
            Add(part, path, lines.Fault);
    }

    /// <summary>Notes that a list is as long as it may be, and that a file has more.</summary>
    public void AddMore(string part, string path, int most) =>
        Add(part, path, string.Create(CultureInfo.InvariantCulture, $"more than {most} entries, the first {most} are here"));

    /// <summary>Writes the member "unavailable".</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("unavailable"u8);
        foreach (Entry entry in _entries ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("part"u8, entry.Part);
            writer.WriteString("reason"u8, entry.Reason);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private sealed class Entry(string part, string reason)
    {
        public string Part { get; } = part;

        public string Reason { get; } = reason;
    }
}
