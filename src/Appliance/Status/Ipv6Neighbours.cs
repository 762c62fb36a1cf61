using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>The IPv6 neighbours, of which no file tells: the kernel is asked for them; RTM_GETNEIGH, rtnetlink(7).</summary>
internal static class Ipv6Neighbours
{
    private const byte Family = 10; // AF_INET6
    private const int Complete = 0x02 | 0x04 | 0x08 | 0x10; // NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE
    private const int Incomplete = 0x01 | 0x20; // NUD_INCOMPLETE, NUD_FAILED
    private const int Permanent = 0x80; // NUD_PERMANENT

    /// <summary>Writes them into an array that is begun.</summary>
    public static void Write(Utf8JsonWriter writer, int most, UnavailableParts unavailable)
    {
        const string question = "RTM_GETNEIGH";
        using RouteDump neighbours = RouteDump.Of(RouteMessage.GetNeighbours, new RouteMessage.Neighbour { Family = Family });
        Dictionary<int, string>? interfaces = null;
        int written = 0;
        while (neighbours.TryRead(out ReadOnlySpan<byte> content))
        {
            if (!TryCut(ref content, out RouteMessage.Neighbour neighbour, out ReadOnlySpan<byte> address))
                continue;
            interfaces ??= InterfaceNames(unavailable); // most devices have groups, and not all have neighbours
            if (!interfaces.TryGetValue(neighbour.Interface, out string? name))
                continue;
            if (written == most)
            {
                unavailable.AddMore("neighbours", question, most);
                return;
            }
            WriteOne(writer, neighbour, address, name, content);
            written++;
        }
        if (neighbours.Error < 0)
            unavailable.Add("neighbours", question, LibC.Describe(neighbours.Error));
    }

    /// <summary>Reads a message.</summary>
    /// <param name="content">Of the message; then its attributes.</param>
    /// <param name="neighbour">What is said of it besides.</param>
    /// <param name="address">Sixteen bytes.</param>
    /// <returns>False for what was never asked for, such as a multicast group (NUD_NOARP).</returns>
    public static bool TryCut(ref ReadOnlySpan<byte> content, out RouteMessage.Neighbour neighbour, out ReadOnlySpan<byte> address)
    {
        const int addressLength = 16;
        address = default;
        return RouteMessage.TryCutBody(ref content, out neighbour) && neighbour.Family == Family
            && (neighbour.State & (Complete | Incomplete | Permanent)) != 0
            && RouteMessage.TryFind(content, RouteMessage.NeighbourAddress, out address) && address.Length == addressLength;
    }

    /// <summary>Writes a neighbour.</summary>
    public static void WriteOne(
        Utf8JsonWriter writer, RouteMessage.Neighbour neighbour, ReadOnlySpan<byte> address, string interfaceName, ReadOnlySpan<byte> attributes)
    {
        RouteMessage.TryFind(attributes, RouteMessage.NeighbourHardwareAddress, out ReadOnlySpan<byte> hardware);
        NeighboursPart.WriteOne(
            writer,
            Encoding.ASCII.GetBytes(new IPAddress(address).ToString()),
            Encoding.UTF8.GetBytes(interfaceName),
            Encoding.ASCII.GetBytes(BitConverter.ToString(hardware.ToArray()).Replace('-', ':').ToLowerInvariant()),
            isComplete: (neighbour.State & Complete) != 0,
            isPermanent: (neighbour.State & Permanent) != 0);
    }

    /// <summary>By number. Neighbours of those that could not be read are left out.</summary>
    private static Dictionary<int, string> InterfaceNames(UnavailableParts unavailable)
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
        if (links.Error < 0)
            unavailable.Add("neighbours", "RTM_GETLINK", LibC.Describe(links.Error));
        return names;
    }
}
