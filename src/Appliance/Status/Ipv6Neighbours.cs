using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>The IPv6 neighbours, of which no file tells: the kernel is asked for them; RTM_GETNEIGH, rtnetlink(7).</summary>
internal static class Ipv6Neighbours
{
    private const string Source = "RTM_GETNEIGH";
    private const byte Family = 10; // AF_INET6
    private const int Complete = 0x02 | 0x04 | 0x08 | 0x10; // NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE
    private const int Incomplete = 0x01 | 0x20; // NUD_INCOMPLETE, NUD_FAILED
    private const int Permanent = 0x80; // NUD_PERMANENT

    /// <summary>Writes them into an array that is begun.</summary>
    public static void Write(Utf8JsonWriter writer, int most, UnavailableParts unavailable)
    {
        using RouteDump neighbours = RouteDump.Of(RouteMessage.GetNeighbours, new RouteMessage.Neighbour { Family = Family });
        Dictionary<int, string>? interfaces = null;
        int written = 0;
        while (written < most && neighbours.TryRead(out ReadOnlySpan<byte> content))
        {
            interfaces ??= InterfaceNames();
            if (TryWriteOne(writer, content, interfaces))
                written++;
        }
        if (neighbours.TryRead(out _))
            unavailable.AddMore("neighbours", Source, most);
        else if (neighbours.Error < 0)
            unavailable.Add("neighbours", Source, LibC.Describe(neighbours.Error));
    }

    /// <summary>Writes a neighbour, as its message has it.</summary>
    /// <returns>False for what was never asked for (a multicast group, NUD_NOARP), and for one whose interface has gone.</returns>
    public static bool TryWriteOne(Utf8JsonWriter writer, ReadOnlySpan<byte> content, IReadOnlyDictionary<int, string> interfaces)
    {
        const int addressLength = 16;
        if (!RouteMessage.TryCutBody(ref content, out RouteMessage.Neighbour neighbour) || neighbour.Family != Family
            || (neighbour.State & (Complete | Incomplete | Permanent)) == 0
            || !RouteMessage.TryFind(content, RouteMessage.NeighbourAddress, out ReadOnlySpan<byte> address) || address.Length != addressLength
            || !interfaces.TryGetValue(neighbour.Interface, out string? name))
        {
            return false;
        }
        writer.WriteStartObject();
        writer.WriteString("address"u8, new IPAddress(address).ToString());
        writer.WriteString("interface"u8, name);
        if ((neighbour.State & (Complete | Permanent)) != 0
            && RouteMessage.TryFind(content, RouteMessage.NeighbourHardwareAddress, out ReadOnlySpan<byte> hardware) && !hardware.IsEmpty)
        {
            writer.WriteString("hardware_address"u8, BitConverter.ToString(hardware.ToArray()).Replace('-', ':').ToLowerInvariant());
        }
        writer.WriteString("state"u8, (neighbour.State & Permanent) != 0 ? "permanent"u8 : (neighbour.State & Complete) != 0 ? "complete"u8 : "incomplete"u8);
        writer.WriteEndObject();
        return true;
    }

    private static Dictionary<int, string> InterfaceNames()
    {
        Dictionary<int, string> names = [];
        using RouteDump links = RouteDump.Of(RouteMessage.GetLinks, default(RouteMessage.Link));
        while (links.TryRead(out ReadOnlySpan<byte> content))
        {
            if (RouteMessage.TryCutBody(ref content, out RouteMessage.Link link)
                && RouteMessage.TryFind(content, RouteMessage.LinkName, out ReadOnlySpan<byte> name))
            {
                names[link.Index] = Encoding.UTF8.GetString(name.TrimEnd((byte)0));
            }
        }
        return names;
    }
}
