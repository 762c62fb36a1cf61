using System;
using System.Buffers;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>Who the device is: the members "hostname", "kernel" and "os".</summary>
internal static class IdentityPart
{
    public static void WriteHostname(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable) =>
        WriteWord(writer, "hostname", roots.InProc("sys/kernel/hostname"), unavailable);

    public static void WriteKernel(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable) =>
        WriteWord(writer, "kernel", roots.InProc("sys/kernel/osrelease"), unavailable);

    // Absent without complaint: a system need not have an os-release, and nothing is wrong with a device that has none.
    public static void WriteOs(Utf8JsonWriter writer, StatusRoots roots)
    {
        if (!TryWriteOs(writer, roots.InRoot("etc/os-release")))
            TryWriteOs(writer, roots.InRoot("usr/lib/os-release"));
    }

    // proc_sys_kernel(5): one line, what uname(2) says.
    private static void WriteWord(Utf8JsonWriter writer, string name, string path, UnavailableParts unavailable)
    {
        using KernelFile file = KernelFile.Read(path);
        ReadOnlySpan<byte> text = file.Text.TrimEnd((byte)'\n');
        if (file.Error is not null)
            unavailable.Add(name, file.Error);
        else if (text.IsEmpty)
            unavailable.Add(name, path, "empty");
        else
            writer.WriteString(name, text);
    }

    private static bool TryWriteOs(Utf8JsonWriter writer, string path)
    {
        using KernelFile file = KernelFile.Read(path);
        byte[] name = ArrayPool<byte>.Shared.Rent(file.Text.Length);
        bool found = OsRelease.TryParsePrettyName(file.Text, name, out int length);
        if (found)
            writer.WriteString("os"u8, name.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(name);
        return found;
    }
}
