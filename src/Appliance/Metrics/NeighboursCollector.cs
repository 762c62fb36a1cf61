using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>arp: how many IPv4 neighbours each interface knows, from /proc/net/arp; proc_pid_net(5).</summary>
internal sealed class NeighboursCollector(SourceFiles files) : ICollector
{
    private const int InterfaceColumn = 5; // behind address, type, flags, hardware address and mask

    private readonly SourceFile _file = files.InProc("net/arp", hasShortRecords: true);
    private readonly DeviceSet<Interface> _interfaces = new(name => new Interface(name));

    public bool Collect(ExpositionWriter writer)
    {
        using (ListReader lines = _file.ReadLines())
        {
            if (!TryCount(lines))
                return false;
        }
        writer.Family(MetricType.Gauge, "node_arp_entries"u8, "IPv4 neighbours of an interface."u8);
        foreach (Interface device in _interfaces)
            writer.Label("device"u8, device.Name).Sample(device.Neighbours);
        return true;
    }

    private bool TryCount(ListReader lines)
    {
        _interfaces.BeginRound();
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber == 1)
                continue; // the heading
            FieldReader fields = new(line);
            for (int i = 0; i < InterfaceColumn; i++)
                fields.TryRead(out _);
            if (!fields.TryRead(out ReadOnlySpan<byte> name))
                return false;
            if (_interfaces.Find(name) is not Interface device)
            {
                device = _interfaces.Get(name);
                device.Neighbours = 0;
            }
            device.Neighbours++;
        }
        _interfaces.EndRound();
        return lines.LineNumber > 0 && lines.Fault is null;
    }

    private sealed class Interface(byte[] name) : Device(name)
    {
        public int Neighbours { get; set; }

        public override void Dispose()
        {
            // It has no files.
        }
    }
}
