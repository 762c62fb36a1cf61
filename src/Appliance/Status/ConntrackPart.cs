using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "conntrack": how many connections the firewall tracks, and how many it may; kernel
/// Documentation/networking/nf_conntrack-sysctl.rst. Absent without complaint where the kernel tracks none.
/// </summary>
internal static class ConntrackPart
{
    public static void Write(Utf8JsonWriter writer, StatusRoots roots)
    {
        if (!SysfsAttribute.TryReadNumber(roots.InProc("sys/net/netfilter/nf_conntrack_count"), out long entries)
            || !SysfsAttribute.TryReadNumber(roots.InProc("sys/net/netfilter/nf_conntrack_max"), out long limit))
        {
            return;
        }
        writer.WriteStartObject("conntrack"u8);
        writer.WriteNumber("entries"u8, entries);
        writer.WriteNumber("limit"u8, limit);
        writer.WriteEndObject();
    }
}
