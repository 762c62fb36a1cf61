using System.Collections.Generic;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>The member "filesystems": a list of the mounts that <see cref="MountFilter"/> lets through.</summary>
/// <remarks>A mount that cannot be asked has the member "error" in place of its sizes; the others are unharmed.</remarks>
internal static class FilesystemsPart
{
    public static void Write(Utf8JsonWriter writer, StatusRoots roots, FilesystemProbe probe, UnavailableParts unavailable)
    {
        List<Mount> mounts;
        using (KernelFile file = ReadTable(roots, out string path))
        {
            if (file.Error is not null)
            {
                unavailable.Add("filesystems", file.Error);
                return;
            }
            mounts = MountTable.Parse(file.Text, out int firstBadLine, out bool isCut);
            if (firstBadLine != 0)
                unavailable.Add("filesystems", path, firstBadLine, "not a mount");
            if (isCut)
                unavailable.Add("filesystems", path, "cut in mid-line");
        }

        FilesystemSize[] sizes = probe.Ask(mounts);
        writer.WriteStartArray("filesystems"u8);
        for (int i = 0; i < sizes.Length; i++)
            WriteOne(writer, mounts[i], sizes[i]);
        writer.WriteEndArray();
    }

    private static KernelFile ReadTable(StatusRoots roots, out string path)
    {
        KernelFile file = default;
        path = "";
        foreach (string source in MountTable.Sources)
        {
            path = roots.InProc(source);
            file = KernelFile.Read(path);
            if (file.Error is null)
                break;
        }
        return file;
    }

    private static void WriteOne(Utf8JsonWriter writer, Mount mount, FilesystemSize size)
    {
        writer.WriteStartObject();
        writer.WriteString("mountpoint"u8, mount.Mountpoint);
        writer.WriteString("device"u8, mount.Device);
        writer.WriteString("type"u8, mount.Type);
        // Not what statvfs says: that may be true of this service alone. The table, just read, has what the device's file system does.
        writer.WriteBoolean("read_only"u8, mount.ReadOnly);
        if (size.Error is not null)
        {
            writer.WriteString("error"u8, size.Error);
        }
        else
        {
            writer.WriteNumber("size_bytes"u8, size.SizeBytes);
            writer.WriteNumber("free_bytes"u8, size.FreeBytes);
            writer.WriteNumber("available_bytes"u8, size.AvailableBytes);
        }
        writer.WriteEndObject();
    }
}
