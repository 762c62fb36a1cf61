using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "dhcp_leases": those of dnsmasq's lease file, a line each: "1700003600 02:00:5e:00:53:07 192.0.2.7 laptop 01:02:…", that is
/// expiry, hardware address, address, name and client id, "*" for what is not known. Behind a line "duid …" follow IPv6 leases, with the
/// association's number in place of the hardware address. Absent without complaint where there is no such file.
/// </summary>
/// <remarks>Names are what the clients say they are.</remarks>
internal static class LeasesPart
{
    public static void Write(Utf8JsonWriter writer, string path, int most, UnavailableParts unavailable)
    {
        using ListReader lines = ListReader.Open(path);
        if (lines.Error < 0)
        {
            if (!lines.IsMissing)
                unavailable.Add("dhcp_leases", path, lines.Fault!);
            return;
        }
        int firstBadLine = 0, written = 0;
        writer.WriteStartArray("dhcp_leases"u8);
        while (written < most && lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith("duid "u8))
                continue; // the server's own
            if (TryWriteOne(writer, new FieldReader(line)))
                written++;
            else
                firstBadLine = firstBadLine == 0 ? lines.LineNumber : firstBadLine;
        }
        writer.WriteEndArray();
        if (firstBadLine != 0)
            unavailable.Add("dhcp_leases", path, firstBadLine, "not a lease");
        unavailable.AddRest("dhcp_leases", path, lines, most);
    }

    private static bool TryWriteOne(Utf8JsonWriter writer, FieldReader fields)
    {
        if (!fields.TryReadNumber(out ulong expiry) || !fields.TryRead(out ReadOnlySpan<byte> hardware)
            || !fields.TryRead(out ReadOnlySpan<byte> address) || !fields.TryRead(out ReadOnlySpan<byte> name)
            || !fields.TryRead(out ReadOnlySpan<byte> client))
        {
            return false;
        }
        writer.WriteStartObject();
        writer.WriteString("address"u8, address);
        if (!address.Contains((byte)':'))
            writer.WriteString("hardware_address"u8, hardware);
        WriteUnlessUnknown(writer, "hostname"u8, name);
        WriteUnlessUnknown(writer, "client_id"u8, client);
        if (expiry > 0) // 0 is never
            writer.WriteNumber("expires_unix_seconds"u8, expiry);
        writer.WriteEndObject();
        return true;
    }

    private static void WriteUnlessUnknown(Utf8JsonWriter writer, ReadOnlySpan<byte> member, ReadOnlySpan<byte> value)
    {
        if (!value.SequenceEqual("*"u8))
            writer.WriteString(member, value);
    }
}
