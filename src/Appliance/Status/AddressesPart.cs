using System;
using System.Collections.Generic;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "addresses": the device's own. IPv6 ones are in /proc/net/if_inet6 with their interface and prefix. IPv4 ones are the local
/// hosts of /proc/net/fib_trie, which says neither: both are those of the narrowest directly connected network of /proc/net/route that has
/// the address, and absent for one that has none.
/// </summary>
internal static class AddressesPart
{
    public static void Write(Utf8JsonWriter writer, StatusRoots roots, int most, UnavailableParts unavailable)
    {
        writer.WriteStartArray("addresses"u8);
        WriteIPv4(writer, roots, most, unavailable);
        WriteIPv6(writer, roots.InProc("net/if_inet6"), most, unavailable);
        writer.WriteEndArray();
    }

    private static void WriteIPv4(Utf8JsonWriter writer, StatusRoots roots, int most, UnavailableParts unavailable)
    {
        string path = roots.InProc("net/fib_trie");
        using ListReader trie = ListReader.Open(path);
        if (trie.Error < 0)
        {
            if (!trie.IsMissing)
                unavailable.Add("addresses", path, trie.Fault!);
            return;
        }
        List<LocalAddress> addresses = LocalHosts(trie, most, out bool hasMore);
        if (hasMore)
            unavailable.AddMore("addresses", path, most);
        else if (trie.Fault is not null)
            unavailable.Add("addresses", path, trie.Fault);
        FindNetworks(roots, addresses);
        foreach (LocalAddress address in addresses)
        {
            writer.WriteStartObject();
            writer.WriteString("address"u8, address.Address.ToString());
            if (IPAddress.IsLoopback(address.Address))
                writer.WriteString("interface"u8, "lo"u8); // its network is in the table of the device's own addresses only
            else if (address.PrefixLength > 0)
                WriteInterface(writer, address.Interface, address.PrefixLength);
            writer.WriteEndObject();
        }
    }

    /// <summary>
    /// The addresses of "|-- 192.0.2.2" that a line "/32 host LOCAL" follows; fib_triestat in the kernel's net/ipv4/fib_trie.c. Tables
    /// that are one are printed twice.
    /// </summary>
    private static List<LocalAddress> LocalHosts(ListReader lines, int most, out bool hasMore)
    {
        List<LocalAddress> found = [];
        HashSet<IPAddress> known = [];
        Span<byte> leaf = stackalloc byte["255.255.255.255".Length];
        int leafLength = 0;
        hasMore = false;
        while (!hasMore && lines.TryRead(out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> content = line.TrimStart((byte)' ');
            if (content.StartsWith("|-- "u8))
            {
                content = content["|-- "u8.Length..];
                leafLength = content.Length <= leaf.Length ? content.Length : 0;
                content[..leafLength].CopyTo(leaf);
            }
            else if (content.StartsWith("/32 host LOCAL"u8)
                && IPAddress.TryParse(Encoding.ASCII.GetString(leaf[..leafLength]), out IPAddress? address) && known.Add(address))
            {
                hasMore = found.Count >= most;
                if (!hasMore)
                    found.Add(new LocalAddress(address));
            }
        }
        return found;
    }

    /// <summary>Finds for each address the narrowest network that is directly connected.</summary>
    private static void FindNetworks(StatusRoots roots, List<LocalAddress> addresses)
    {
        using ListReader lines = ListReader.Open(roots.InProc("net/route"));
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!RouteLine.TryParseIPv4(line, out RouteLine route) || route is not { IsUsed: true, Gateway: null, PrefixLength: > 0 })
                continue;
            foreach (LocalAddress address in addresses)
            {
                if (route.PrefixLength >= address.PrefixLength && route.LeadsTo(address.Number))
                    (address.PrefixLength, address.Interface) = (route.PrefixLength, route.Interface.ToArray());
            }
        }
    }

    /// <summary>
    /// "fe80…01 04 40 20 80 eth0": address, interface number, prefix length, scope, flags in hexadecimal, and the name; if6_seq_show in the
    /// kernel's net/ipv6/addrconf.c.
    /// </summary>
    private static void WriteIPv6(Utf8JsonWriter writer, string path, int most, UnavailableParts unavailable)
    {
        using ListReader lines = ListReader.Open(path);
        if (lines.Error < 0)
        {
            if (!lines.IsMissing) // a kernel without IPv6
                unavailable.Add("addresses", path, lines.Fault!);
            return;
        }
        int firstBadLine = 0, written = 0;
        while (written < most && lines.TryRead(out ReadOnlySpan<byte> line))
        {
            FieldReader fields = new(line);
            if (!RouteLine.TryReadAddress(ref fields, out IPAddress? address) || !fields.TryReadHexadecimal(out _)
                || !fields.TryReadHexadecimal(out ulong prefix) || prefix > 128 || !fields.TryReadHexadecimal(out _)
                || !fields.TryReadHexadecimal(out _) || !fields.TryRead(out ReadOnlySpan<byte> device))
            {
                firstBadLine = firstBadLine == 0 ? lines.LineNumber : firstBadLine;
                continue;
            }
            written++;
            writer.WriteStartObject();
            writer.WriteString("address"u8, address!.ToString());
            WriteInterface(writer, device, (int)prefix);
            writer.WriteEndObject();
        }
        if (firstBadLine != 0)
            unavailable.Add("addresses", path, firstBadLine, "not an address");
        unavailable.AddRest("addresses", path, lines, most);
    }

    private static void WriteInterface(Utf8JsonWriter writer, ReadOnlySpan<byte> name, int prefixLength)
    {
        writer.WriteNumber("prefix_length"u8, prefixLength);
        writer.WriteString("interface"u8, name);
    }
    /// <summary>An IPv4 address of the device, and the network it is in: of prefix length 0 when that is not known.</summary>
    private sealed class LocalAddress(IPAddress address)
    {
        public IPAddress Address => address;

        /// <summary>As the machine holds it in network order.</summary>
        public uint Number { get; } = MemoryMarshal.Read<uint>(address.GetAddressBytes());

        public int PrefixLength { get; set; }

        public byte[] Interface { get; set; } = [];
    }
}
