using System.Text.Json;

namespace Appliance.Status;

/// <summary>The member "memory": whole, or absent.</summary>
internal static class MemoryPart
{
    public static void Write(Utf8JsonWriter writer, StatusRoots roots, UnavailableParts unavailable)
    {
        string path = roots.InProc("meminfo");
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
        {
            unavailable.Add("memory", file.Error);
            return;
        }
        string? fault = MemoryInfo.Parse(file.Text, out MemoryInfo memory);
        if (fault is not null)
        {
            unavailable.Add("memory", path, fault);
            return;
        }

        writer.WriteStartObject("memory"u8);
        writer.WriteNumber("total_bytes"u8, memory.TotalBytes);
        if (memory.AvailableBytes is ulong available)
            writer.WriteNumber("available_bytes"u8, available);
        writer.WriteNumber("free_bytes"u8, memory.FreeBytes);
        writer.WriteNumber("buffers_bytes"u8, memory.BuffersBytes);
        writer.WriteNumber("cached_bytes"u8, memory.CachedBytes);
        writer.WriteNumber("swap_total_bytes"u8, memory.SwapTotalBytes);
        writer.WriteNumber("swap_free_bytes"u8, memory.SwapFreeBytes);
        writer.WriteEndObject();
    }
}
