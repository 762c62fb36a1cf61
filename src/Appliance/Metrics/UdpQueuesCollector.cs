using System;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>udp_queues: bytes waiting in UDP sockets, summed over /proc/net/udp and udp6; proc_pid_net(5).</summary>
/// <remarks>
/// <c>0: 00000000:0016 00000000:0000 0A 00000015:00000000 …</c>: slot, local and remote address, state, then the bytes to be
/// sent and the bytes received, hexadecimal. A kernel without IPv4 or IPv6 lacks a file; without both there is nothing to say.
/// To find that there are no sockets the kernel goes through all its buckets, up to 64 Ki of them; /proc/net/sockstat has their number.
/// </remarks>
internal sealed class UdpQueuesCollector(SourceFiles files) : ICollector
{
    private readonly Table _udp = new("v4", files.InProc("net/udp", hasShortRecords: true), Sockets("sockstat", files), "UDP:");
    private readonly Table _udp6 = new("v6", files.InProc("net/udp6", hasShortRecords: true), Sockets("sockstat6", files), "UDP6:");

    public bool Collect(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_udp_queues"u8, "Bytes that wait in UDP sockets to be sent or taken."u8);
        return _udp.Collect(writer) && _udp6.Collect(writer) && !(_udp.IsMissing && _udp6.IsMissing);
    }

    private static SourceFile? Sockets(string name, SourceFiles files) =>
        files.Roots.AreOfThisKernel ? files.InProc($"net/{name}", hasShortRecords: true) : null;

    /// <summary>The sockets of one protocol.</summary>
    /// <param name="version">Value of the label "ip".</param>
    /// <param name="file">Has them all.</param>
    /// <param name="sockets">Has their number; null where that is not known to be of the same moment.</param>
    /// <param name="line">How the number's line begins there.</param>
    private sealed class Table(string version, SourceFile file, SourceFile? sockets, string line)
    {
        private readonly byte[] _version = Encoding.ASCII.GetBytes(version);
        private readonly byte[] _line = Encoding.ASCII.GetBytes($"{line} inuse 0");

        public bool IsMissing { get; private set; }

        public bool Collect(ExpositionWriter writer)
        {
            if (IsEmpty())
            {
                Write(0, 0, writer);
                return true;
            }
            using ListReader lines = file.ReadLines();
            IsMissing = lines.IsMissing;
            if (lines.Error < 0)
                return IsMissing;
            if (!TrySum(lines, out ulong sending, out ulong received))
                return false;
            Write(sending, received, writer);
            return true;
        }

        private bool IsEmpty()
        {
            if (sockets is null || !sockets.TryRead(out ReadOnlySpan<byte> text))
                return false;
            int at = text.IndexOf(_line);
            return at >= 0 && (at == 0 || text[at - 1] == (byte)'\n') && text[(at + _line.Length)..] is [(byte)' ' or (byte)'\n', ..];
        }

        private void Write(ulong sending, ulong received, ExpositionWriter writer)
        {
            writer.Label("ip"u8, _version).Label("queue"u8, "tx"u8).Sample(sending);
            writer.Label("ip"u8, _version).Label("queue"u8, "rx"u8).Sample(received);
        }
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
