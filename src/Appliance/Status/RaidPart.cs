using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "raid": the arrays of /proc/mdstat, and how far the kernel is with what it does to one. Absent without complaint where the
/// kernel knows no arrays.
/// </summary>
internal static class RaidPart
{
    private const ulong BlockBytes = 1024; // of /proc/mdstat, md(4)

    public static void Write(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable)
    {
        string path = roots.InProc("mdstat");
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
        {
            if (!file.IsMissing)
                unavailable.Add("raid", file.Error);
            return;
        }
        RaidReader arrays = new(file.Text);
        writer.WriteStartArray("raid"u8);
        while (arrays.TryRead(out ReadOnlySpan<byte> name, out RaidArray array))
            WriteOne(writer, name, array);
        writer.WriteEndArray();
        if (arrays.IsMalformed)
            unavailable.Add("raid", path, "makes no sense behind the arrays that are here");
    }

    private static void WriteOne(Utf8JsonWriter writer, ReadOnlySpan<byte> name, in RaidArray array)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteBoolean("active"u8, array.IsActive);
        writer.WriteNumber("size_bytes"u8, array.Blocks * BlockBytes);
        writer.WriteStartObject("disks"u8);
        writer.WriteNumber("required"u8, array.DisksRequired);
        writer.WriteNumber("active"u8, array.DisksActive);
        writer.WriteNumber("failed"u8, array.DisksFailed);
        writer.WriteNumber("spare"u8, array.DisksSpare);
        writer.WriteEndObject();
        if (array.Activity != RaidActivity.None)
        {
            writer.WriteString("activity"u8, NameOf(array.Activity));
            writer.WriteNumber("synced_bytes"u8, array.BlocksSynced * BlockBytes);
            CounterGrowth.WritePercent(writer, "synced_percent"u8, array.BlocksSynced, array.Blocks);
        }
        writer.WriteEndObject();
    }

    private static ReadOnlySpan<byte> NameOf(RaidActivity activity) => activity switch
    {
        RaidActivity.Recovery => "recovery"u8,
        RaidActivity.Resync => "resync"u8,
        RaidActivity.Check => "check"u8,
        _ => "reshape"u8,
    };
}
