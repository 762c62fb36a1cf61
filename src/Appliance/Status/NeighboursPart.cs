using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "neighbours": the IPv4 ones of /proc/net/arp, proc_pid_net(5): "192.0.2.1  0x1  0x2  02:00:5e:00:53:01  *  eth0"; and the
/// <see cref="Ipv6Neighbours"/>, where the device is this one.
/// </summary>
internal static class NeighboursPart
{
    private const ulong Complete = 2; // ATF_COM, include/uapi/linux/if_arp.h
    private const ulong Permanent = 4; // ATF_PERM

    public static void Write(Utf8JsonWriter writer, StatusRoots roots, int most, UnavailableParts unavailable)
    {
        string path = roots.InProc("net/arp");
        using ListReader lines = ListReader.Open(path);
        if (lines.Error < 0)
            unavailable.Add("neighbours", path, lines.Fault!);
        if (lines.Error < 0 && !roots.AreOfThisKernel)
            return;
        writer.WriteStartArray("neighbours"u8);
        if (lines.Error == 0)
            WriteIPv4(writer, lines, path, most, unavailable);
        if (roots.AreOfThisKernel)
            Ipv6Neighbours.Write(writer, most, unavailable);
        writer.WriteEndArray();
    }

    private static void WriteIPv4(Utf8JsonWriter writer, ListReader lines, string path, int most, UnavailableParts unavailable)
    {
        int firstBadLine = 0, written = 0;
        while (written < most && lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber == 1)
                continue; // the heading
            if (TryWriteOne(writer, new FieldReader(line)))
                written++;
            else
                firstBadLine = firstBadLine == 0 ? lines.LineNumber : firstBadLine;
        }
        if (firstBadLine != 0)
            unavailable.Add("neighbours", path, firstBadLine, "not a neighbour");
        unavailable.AddRest("neighbours", path, lines, most);
    }

    private static bool TryWriteOne(Utf8JsonWriter writer, FieldReader fields)
    {
        if (!fields.TryRead(out ReadOnlySpan<byte> address) || !fields.TryRead(out _)
            || !fields.TryRead(out ReadOnlySpan<byte> flags) || !flags.StartsWith("0x"u8)
            || !new FieldReader(flags[2..]).TryReadHexadecimal(out ulong bits)
            || !fields.TryRead(out ReadOnlySpan<byte> hardware) || !fields.TryRead(out _) || !fields.TryRead(out ReadOnlySpan<byte> device))
        {
            return false;
        }
        WriteOne(writer, address, device, hardware, isComplete: (bits & Complete) != 0, isPermanent: (bits & Permanent) != 0);
        return true;
    }

    /// <summary>Writes a neighbour.</summary>
    /// <param name="writer">That has begun the array.</param>
    /// <param name="address">As text.</param>
    /// <param name="interfaceName">The one it is reached by.</param>
    /// <param name="hardwareAddress">As text; not shown where it is not known to hold, and empty where there is none.</param>
    /// <param name="isComplete">Whether the neighbour has answered.</param>
    /// <param name="isPermanent">Whether it need not.</param>
    public static void WriteOne(
        Utf8JsonWriter writer, ReadOnlySpan<byte> address, ReadOnlySpan<byte> interfaceName, ReadOnlySpan<byte> hardwareAddress, bool isComplete, bool isPermanent)
    {
        writer.WriteStartObject();
        writer.WriteString("address"u8, address);
        writer.WriteString("interface"u8, interfaceName);
        if ((isComplete || isPermanent) && !hardwareAddress.IsEmpty)
            writer.WriteString("hardware_address"u8, hardwareAddress);
        writer.WriteString("state"u8, isPermanent ? "permanent"u8 : isComplete ? "complete"u8 : "incomplete"u8);
        writer.WriteEndObject();
    }
}
