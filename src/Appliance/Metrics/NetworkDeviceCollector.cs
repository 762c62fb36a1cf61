using System;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>netdev: what went through each network interface, from /proc/net/dev, and what nobody took, from sysfs.</summary>
internal sealed class NetworkDeviceCollector : ICollector
{
    private readonly SourceFile _file;
    private readonly InterfaceChanges _changes;
    private readonly DeviceSet<Interface> _interfaces;
    private long _openedAt = long.MinValue / 2;

    public NetworkDeviceCollector(SourceFiles files)
    {
        _file = files.InProc("net/dev", hasShortRecords: true);
        _changes = files.InterfaceChanges;
        _interfaces = new DeviceSet<Interface>(name => new Interface(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text) || !TryParse(text))
            return false;
        Write(0, "node_network_receive_bytes_total"u8, "Bytes received."u8, writer);
        Write(1, "node_network_receive_packets_total"u8, "Packets received."u8, writer);
        Write(2, "node_network_receive_errs_total"u8, "Packets received with an error."u8, writer);
        Write(3, "node_network_receive_drop_total"u8, "Packets received and dropped, or missed by the hardware."u8, writer);
        Write(4, "node_network_receive_fifo_total"u8, "Packets that overran the receiver's queue."u8, writer);
        Write(5, "node_network_receive_frame_total"u8, "Packets of a wrong length, checksum or frame."u8, writer);
        Write(6, "node_network_receive_compressed_total"u8, "Compressed packets received."u8, writer);
        Write(7, "node_network_receive_multicast_total"u8, "Multicast packets received."u8, writer);
        Write(8, "node_network_transmit_bytes_total"u8, "Bytes sent."u8, writer);
        Write(9, "node_network_transmit_packets_total"u8, "Packets sent."u8, writer);
        Write(10, "node_network_transmit_errs_total"u8, "Packets not sent because of an error."u8, writer);
        Write(11, "node_network_transmit_drop_total"u8, "Packets dropped instead of sent."u8, writer);
        Write(12, "node_network_transmit_fifo_total"u8, "Packets that overran the sender's queue."u8, writer);
        Write(13, "node_network_transmit_colls_total"u8, "Collisions."u8, writer);
        Write(14, "node_network_transmit_carrier_total"u8, "Packets not sent because the carrier was lost, and the like."u8, writer);
        Write(15, "node_network_transmit_compressed_total"u8, "Compressed packets sent."u8, writer);
        WriteUnhandled(writer);
        return true;
    }

    private bool TryParse(ReadOnlySpan<byte> text)
    {
        Span<ulong> columns = stackalloc ulong[InterfaceCounters.ColumnCount];
        LineReader lines = new(text);
        _interfaces.BeginRound();
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber <= InterfaceCounters.HeadingLines)
                continue;
            if (!InterfaceCounters.TryParse(line, columns, out InterfaceCounters counters))
                return false;
            counters.Columns.CopyTo(_interfaces.Get(counters.Name).Columns);
        }
        _interfaces.EndRound();
        return lines.LineNumber >= InterfaceCounters.HeadingLines && !lines.IsCut;
    }

    private void Write(int column, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer)
    {
        writer.Family(MetricType.Counter, name, help);
        foreach (Interface device in _interfaces)
            writer.Label("device"u8, device.Name).Sample(device.Columns[column]);
    }

    // /proc/net/dev does not have it; node_exporter takes everything from netlink, which has the same numbers.
    private void WriteUnhandled(ExpositionWriter writer)
    {
        // Interfaces can swap their names, and an open file stays the first one's.
        bool mayHaveChanged = _changes.MayHaveBeenSince(_openedAt);
        _openedAt = mayHaveChanged ? Environment.TickCount64 : _openedAt;
        writer.Family(MetricType.Counter, "node_network_receive_nohandler_total"u8, "Packets received that no protocol took."u8);
        foreach (Interface device in _interfaces)
        {
            if (mayHaveChanged)
                device.Unhandled.Dispose();
            if (device.Unhandled.TryReadNumber(out long packets))
                writer.Label("device"u8, device.Name).Sample(packets);
        }
    }

    private sealed class Interface(byte[] name, SourceFiles files) : Device(name)
    {
        public ulong[] Columns { get; } = new ulong[InterfaceCounters.ColumnCount];

        public SourceFile Unhandled { get; } = files.InSys($"class/net/{Encoding.UTF8.GetString(name)}/statistics/rx_nohandler");

        public override void Dispose() => Unhandled.Dispose();
    }
}
