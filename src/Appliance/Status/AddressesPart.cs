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
        using KernelFile trie = KernelFile.Read(roots.InProc("net/fib_trie"));
        using KernelFile routes = KernelFile.Read(roots.InProc("net/route"));
        if (trie.Error is not null)
        {
            if (!trie.IsMissing)
                unavailable.Add("addresses", trie.Error);
            return;
        }
        List<IPAddress> addresses = LocalHosts(trie.Text);
        if (addresses.Count > most)
            unavailable.Add("addresses", roots.InProc("net/fib_trie"), $"more than {most} entries, the first {most} are here");
        foreach (IPAddress address in CollectionsMarshal.AsSpan(addresses)[..Math.Min(most, addresses.Count)])
        {
            writer.WriteStartObject();
            writer.WriteString("address"u8, address.ToString());
            if (IPAddress.IsLoopback(address))
                writer.WriteString("interface"u8, "lo"u8); // its network is in the table of the device's own addresses only
            else if (TryFindNetwork(routes.Text, address, out RouteLine network))
                WriteInterface(writer, network.Interface, network.PrefixLength);
            writer.WriteEndObject();
        }
    }

    /// <summary>
    /// The addresses of "|-- 192.0.2.2" that a line "/32 host LOCAL" follows; fib_triestat in the kernel's net/ipv4/fib_trie.c. Tables
    /// that are one are printed twice.
    /// </summary>
    private static List<IPAddress> LocalHosts(ReadOnlySpan<byte> text)
    {
        List<IPAddress> found = [];
        ReadOnlySpan<byte> leaf = default;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> content = line.TrimStart((byte)' ');
            if (content.StartsWith("|-- "u8))
                leaf = content["|-- "u8.Length..];
            else if (content.StartsWith("/32 host LOCAL"u8) && IPAddress.TryParse(Encoding.ASCII.GetString(leaf), out IPAddress? address)
                && !found.Contains(address))
                found.Add(address);
        }
        return found;
    }

    private static bool TryFindNetwork(ReadOnlySpan<byte> routes, IPAddress address, out RouteLine narrowest)
    {
        narrowest = default;
        LineReader lines = new(routes);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (RouteLine.TryParseIPv4(line, out RouteLine route) && route is { IsUsed: true, Gateway: null, PrefixLength: > 0 }
                && route.PrefixLength >= narrowest.PrefixLength && new IPNetwork(route.Destination, route.PrefixLength).Contains(address))
            {
                narrowest = route;
            }
        }
        return !narrowest.Interface.IsEmpty;
    }

    /// <summary>
    /// "fe80…01 04 40 20 80 eth0": address, interface number, prefix length, scope, flags in hexadecimal, and the name; if6_seq_show in the
    /// kernel's net/ipv6/addrconf.c.
    /// </summary>
    private static void WriteIPv6(Utf8JsonWriter writer, string path, int most, UnavailableParts unavailable)
    {
        using KernelFile file = KernelFile.Read(path);
        if (file.Error is not null)
        {
            if (!file.IsMissing) // a kernel without IPv6
                unavailable.Add("addresses", file.Error);
            return;
        }
        int firstBadLine = 0, written = 0;
        LineReader lines = new(file.Text);
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
}
