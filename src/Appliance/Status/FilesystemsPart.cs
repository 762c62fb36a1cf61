using System.Collections.Generic;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>The member "filesystems": a list of the mounts that <see cref="MountFilter"/> lets through.</summary>
/// <remarks>A mount that cannot be asked has the member "error" in place of its sizes; the others are unharmed.</remarks>
internal static class FilesystemsPart
{
    public static void Write(Utf8JsonWriter writer, StatusRoots roots, FilesystemProbe probe, UnavailableParts unavailable)
    {
        // self, not 1: it is the table of the namespace in which our statvfs looks paths up, and needs no privilege to read.
        string path = roots.InProc("self/mountinfo");
        List<Mount> mounts;
        using (KernelFile file = KernelFile.Read(path))
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

    private static void WriteOne(Utf8JsonWriter writer, Mount mount, FilesystemSize size)
    {
        writer.WriteStartObject();
        writer.WriteString("mountpoint"u8, mount.Mountpoint);
        writer.WriteString("device"u8, mount.Device);
        writer.WriteString("type"u8, mount.Type);
        writer.WriteBoolean("read_only"u8, mount.ReadOnly || size.IsReadOnly);
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
