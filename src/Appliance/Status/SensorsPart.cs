using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using Appliance.Metrics;

namespace Appliance.Status;

/// <summary>
/// The members "temperatures" and "fans": the sensors of /sys/class/hwmon (kernel Documentation/hwmon/sysfs-interface.rst), and the zones of
/// /sys/class/thermal.
/// </summary>
/// <remarks>
/// A device without sensors has empty lists, and a sensor that cannot be read now (a fan that is not plugged in, a sleeping disk) is not in
/// them: neither is a fault. They stand in the order of their paths.
/// </remarks>
internal static class SensorsPart
{
    private const int LongestWord = 64; // names and labels of drivers are far shorter

    public static void WriteTemperatures(Utf8JsonWriter writer, StatusRoots roots)
    {
        writer.WriteStartArray("temperatures"u8);
        foreach (string chip in Folders(roots.InSys("class/hwmon")))
            WriteSensors(writer, chip, "temp", static (json, value) => WriteThousandths(json, "celsius"u8, value));
        foreach (string zone in Folders(roots.InSys("class/thermal")))
            WriteZone(writer, zone);
        writer.WriteEndArray();
    }

    public static void WriteFans(Utf8JsonWriter writer, StatusRoots roots)
    {
        writer.WriteStartArray("fans"u8);
        foreach (string chip in Folders(roots.InSys("class/hwmon")))
            WriteSensors(writer, chip, "fan", static (json, value) => json.WriteNumber("revolutions_per_minute"u8, value));
        writer.WriteEndArray();
    }

    private static void WriteSensors(Utf8JsonWriter writer, string chip, string kind, Action<Utf8JsonWriter, long> writeValue)
    {
        Span<byte> buffer = stackalloc byte[LongestWord];
        foreach (uint number in Numbers(chip, Encoding.ASCII.GetBytes(kind)))
        {
            string sensor = string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");
            if (!SysfsAttribute.TryReadNumber($"{chip}/{sensor}_input", out long value))
                continue;
            writer.WriteStartObject();
            if (SysfsAttribute.TryRead($"{chip}/name", buffer, out ReadOnlySpan<byte> name))
                writer.WriteString("chip"u8, name);
            else
                writer.WriteString("chip"u8, Path.GetFileName(chip));
            writer.WriteString("sensor"u8, sensor);
            if (SysfsAttribute.TryRead($"{chip}/{sensor}_label", buffer, out ReadOnlySpan<byte> label))
                writer.WriteString("label"u8, label);
            writeValue(writer, value);
            writer.WriteEndObject();
        }
    }

    /// <summary>The numbers of the sensors of a kind, of the names of their attributes: temp1_input, temp2_input …</summary>
    private static List<uint> Numbers(string chip, ReadOnlySpan<byte> kind)
    {
        List<uint> numbers = [];
        using SourceFolder.Listing listing = new SourceFolder(Encoding.UTF8.GetBytes(chip + "\0")).List();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            if (name.StartsWith(kind) && name.EndsWith("_input"u8)
                && Utf8Parser.TryParse(name[kind.Length..^"_input".Length], out uint number, out int used) && used == name.Length - kind.Length - "_input".Length)
            {
                numbers.Add(number);
            }
        }
        numbers.Sort();
        return numbers;
    }

    private static void WriteZone(Utf8JsonWriter writer, string zone)
    {
        string name = Path.GetFileName(zone);
        if (!name.StartsWith("thermal_zone", StringComparison.Ordinal) || !SysfsAttribute.TryReadNumber($"{zone}/temp", out long value))
            return;
        Span<byte> buffer = stackalloc byte[LongestWord];
        writer.WriteStartObject();
        writer.WriteString("chip"u8, "thermal"u8);
        writer.WriteString("sensor"u8, name);
        if (SysfsAttribute.TryRead($"{zone}/type", buffer, out ReadOnlySpan<byte> type))
            writer.WriteString("label"u8, type);
        WriteThousandths(writer, "celsius"u8, value);
        writer.WriteEndObject();
    }

    /// <summary>Writes thousandths, as the kernel counts degrees, as a number with two decimals; sensors are no more precise.</summary>
    private static void WriteThousandths(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long thousandths)
    {
        if (thousandths >= 0)
            new Hundredths((ulong)thousandths / 10).Write(writer, name);
        else
            new Hundredths((ulong)-(thousandths / 10)).WriteNegative(writer, name);
    }

    private static string[] Folders(string path)
    {
        string[] folders;
        try
        {
            folders = Directory.GetDirectories(path); // links to folders count as such
        }
        catch (Exception e) when (IoFailure.IsOne(e))
        {
            return []; // a kernel without the class
        }
        Array.Sort(folders, StringComparer.Ordinal);
        return folders;
    }
}
