using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>The member "interfaces": a list of the network interfaces of /proc/net/dev, in the kernel's order.</summary>
internal static class InterfacesPart
{
    public static void Write(Utf8JsonWriter writer, StatusRoots roots, CounterHistory history, UnavailableParts unavailable)
    {
        string path = roots.InProc("net/dev");
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
        {
            unavailable.Add("interfaces", file.Error);
            return;
        }

        Span<ulong> columns = stackalloc ulong[InterfaceCounters.ColumnCount];
        LineReader lines = new(file.Text);
        int firstBadLine = 0;
        CounterGrowth growth = history.Begin();
        writer.WriteStartArray("interfaces"u8);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber <= InterfaceCounters.HeadingLines)
                continue;
            if (InterfaceCounters.TryParse(line, columns, out InterfaceCounters counters))
                WriteOne(writer, roots, counters, growth);
            else
                firstBadLine = firstBadLine == 0 ? lines.LineNumber : firstBadLine;
        }
        writer.WriteEndArray();
        history.Keep(growth);

        if (firstBadLine != 0)
            unavailable.Add("interfaces", path, firstBadLine, "not an interface with sixteen counters");
        if (lines.IsCut || lines.LineNumber < InterfaceCounters.HeadingLines)
            unavailable.Add("interfaces", path, "cut short");
    }

    private static void WriteOne(Utf8JsonWriter writer, StatusRoots roots, InterfaceCounters counters, CounterGrowth growth)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, counters.Name);
        InterfaceAttributes.WriteMembers(writer, roots, counters.Name);
        counters.WriteMembers(writer, growth);
        writer.WriteEndObject();
    }
}
