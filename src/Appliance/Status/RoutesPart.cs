using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "routes": those of the main tables that packets take, of /proc/net/route and /proc/net/ipv6_route. A kernel without the one
/// or the other has no such routes, and no fault.
/// </summary>
internal static class RoutesPart
{
    private delegate bool Parser(ReadOnlySpan<byte> line, out RouteLine route);

    public static void Write(Utf8JsonWriter writer, StatusRoots roots, int most, UnavailableParts unavailable)
    {
        writer.WriteStartArray("routes"u8);
        WriteFile(writer, roots.InProc("net/route"), headingLines: 1, RouteLine.TryParseIPv4, most, unavailable);
        WriteFile(writer, roots.InProc("net/ipv6_route"), headingLines: 0, RouteLine.TryParseIPv6, most, unavailable);
        writer.WriteEndArray();
    }

    private static void WriteFile(
        Utf8JsonWriter writer, string path, int headingLines, Parser parse, int most, UnavailableParts unavailable)
    {
        using ListReader lines = ListReader.Open(path);
        if (lines.Error < 0)
        {
            if (!lines.IsMissing)
                unavailable.Add("routes", path, lines.Fault!);
            return;
        }
        int firstBadLine = 0, written = 0;
        while (written < most && lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber <= headingLines)
                continue;
            if (!parse(line, out RouteLine route))
            {
                firstBadLine = firstBadLine == 0 ? lines.LineNumber : firstBadLine;
            }
            else if (route.IsUsed)
            {
                WriteOne(writer, route);
                written++;
            }
        }
        if (firstBadLine != 0)
            unavailable.Add("routes", path, firstBadLine, "not a route");
        unavailable.AddRest("routes", path, lines, most);
    }

    private static void WriteOne(Utf8JsonWriter writer, RouteLine route)
    {
        writer.WriteStartObject();
        writer.WriteString("destination"u8, $"{route.Destination}/{route.PrefixLength}");
        if (route.Gateway is not null)
            writer.WriteString("gateway"u8, route.Gateway.ToString());
        writer.WriteString("interface"u8, route.Interface);
        writer.WriteNumber("metric"u8, route.Metric);
        writer.WriteEndObject();
    }
}
