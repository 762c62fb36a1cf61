using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>udp_queues: bytes waiting in UDP sockets, summed over /proc/net/udp and udp6; proc_pid_net(5).</summary>
/// <remarks>
/// <c>0: 00000000:0016 00000000:0000 0A 00000015:00000000 …</c>: slot, local and remote address, state, then the bytes to be
/// sent and the bytes received, hexadecimal. A kernel without IPv4 or IPv6 lacks a file; without both there is nothing to say.
/// </remarks>
internal sealed class UdpQueuesCollector(SourceFiles files) : ICollector
{
    private readonly SourceFile _udp = files.InProc("net/udp");
    private readonly SourceFile _udp6 = files.InProc("net/udp6");

    public bool Collect(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_udp_queues"u8, "Bytes that wait in UDP sockets to be sent or taken."u8);
        return Collect(_udp, "v4"u8, writer) && Collect(_udp6, "v6"u8, writer) && !(_udp.IsMissing && _udp6.IsMissing);
    }

    private static bool Collect(SourceFile file, ReadOnlySpan<byte> protocol, ExpositionWriter writer)
    {
        using ListReader lines = file.ReadLines();
        if (lines.Error < 0)
            return lines.IsMissing;
        if (!TrySum(lines, out ulong sending, out ulong received))
            return false;
        writer.Label("ip"u8, protocol).Label("queue"u8, "tx"u8).Sample(sending);
        writer.Label("ip"u8, protocol).Label("queue"u8, "rx"u8).Sample(received);
        return true;
    }

    private static bool TrySum(ListReader lines, out ulong sending, out ulong received)
    {
        sending = received = 0;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber == 1)
                continue; // the heading
            FieldReader fields = new(line);
            for (int i = 0; i < 4; i++)
                fields.TryRead(out _);
            if (!fields.TryRead(out ReadOnlySpan<byte> queues))
                return false;
            int colon = queues.IndexOf((byte)':');
            if (colon < 0
                || !new FieldReader(queues[..colon]).TryReadHexadecimal(out ulong toSend)
                || !new FieldReader(queues[(colon + 1)..]).TryReadHexadecimal(out ulong taken))
            {
                return false;
            }
            sending += toSend;
            received += taken;
        }
        return lines.LineNumber > 0 && lines.Fault is null;
    }
}
