using System;
using System.Text;

namespace Appliance.Metrics;

/// <summary>
/// netclass: state and properties of each network interface, from /sys/class/net/NAME/; kernel
/// Documentation/ABI/testing/sysfs-class-net.
/// </summary>
/// <remarks>
/// An attribute that an interface does not have, or cannot tell now (the speed of a port without a cable: EINVAL), is absent.
/// Interfaces can be renamed, and swap their names; an open attribute stays the first one's. They are read when something may have
/// happened to any of them (<see cref="InterfaceChanges"/>).
/// A speed below 0 means that it is not known, and is absent too, as with node_exporter's --collector.netclass.ignore-invalid-speed.
/// </remarks>
internal sealed class NetworkClassCollector : ICollector
{
    private const string Folder = "class/net";
    private const int MaxText = 4096; // an attribute's greatest length, Documentation/filesystems/sysfs.rst
    private const long Up = 1; // IFF_UP, include/uapi/linux/if.h
    private const long BytesPerMegabit = 1_000_000 / 8;

    /// <summary>The attributes that are samples as they stand.</summary>
    private static readonly Property[] Properties =
    [
        new("ifindex", MetricType.Gauge, "node_network_iface_id", "Its number."),
        new("flags", MetricType.Gauge, "node_network_flags", "Its IFF_… flags."),
        new("addr_assign_type", MetricType.Gauge, "node_network_address_assign_type", "Who chose its address, NET_ADDR_…."),
        new("carrier", MetricType.Gauge, "node_network_carrier", "Whether it has a link."),
        new("carrier_changes", MetricType.Counter, "node_network_carrier_changes_total", "Times its link came or went."),
        new("carrier_up_count", MetricType.Counter, "node_network_carrier_up_changes_total", "Times its link came."),
        new("carrier_down_count", MetricType.Counter, "node_network_carrier_down_changes_total", "Times its link went."),
        new("dev_id", MetricType.Gauge, "node_network_device_id", "Tells ports that share an address apart."),
        new("dormant", MetricType.Gauge, "node_network_dormant", "Whether it waits for something, such as 802.1X."),
        new("iflink", MetricType.Gauge, "node_network_iface_link", "Number of the interface it is stacked on."),
        new("link_mode", MetricType.Gauge, "node_network_iface_link_mode", "Whether its link comes up dormant."),
        new("mtu", MetricType.Gauge, "node_network_mtu_bytes", "Longest packet it carries."),
        new("name_assign_type", MetricType.Gauge, "node_network_name_assign_type", "Who chose its name, NET_NAME_…."),
        new("netdev_group", MetricType.Gauge, "node_network_net_dev_group", "Group it is in."),
        new("tx_queue_len", MetricType.Gauge, "node_network_transmit_queue_length", "Packets that may wait to be sent."),
        new("type", MetricType.Gauge, "node_network_protocol_type", "Kind of hardware, ARPHRD_…."),
    ];

    private const int Index = 0; // of Properties
    private const int Flags = 1;

    private readonly SourceFolder _folder;
    private readonly InterfaceChanges _changes;
    private readonly DeviceSet<Interface> _interfaces;
    private long _readAt = long.MinValue / 2;

    public NetworkClassCollector(SourceFiles files)
    {
        _folder = files.FolderInSys(Folder);
        _changes = files.InterfaceChanges;
        _interfaces = new DeviceSet<Interface>(name => new Interface(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (_changes.MayHaveBeenSince(_readAt) && !TryRead())
            return false;
        WriteStates(writer);
        for (int i = 0; i < Properties.Length; i++)
        {
            writer.Family(Properties[i].Type, Properties[i].Family, Properties[i].Help);
            foreach (Interface device in _interfaces)
            {
                if (device.Numbers[i] is long value)
                    writer.Label("device"u8, device.Name).Sample(value);
            }
        }
        writer.Family(MetricType.Gauge, "node_network_speed_bytes"u8, "Speed of its link, in bytes a second."u8);
        foreach (Interface device in _interfaces)
        {
            // −1, and what becomes of it as unsigned, mean unknown.
            if (device.Speed is >= 0 and < uint.MaxValue)
                writer.Label("device"u8, device.Name).Sample(device.Speed.Value * BytesPerMegabit);
        }
        return true;
    }

    private bool TryRead()
    {
        _readAt = long.MinValue / 2;
        long now = Environment.TickCount64;
        using SourceFolder.Listing listing = _folder.List();
        _interfaces.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name, out ulong inode))
            _interfaces.Get(name, inode).Read();
        _interfaces.EndRound();
        if (listing.Exists)
            _readAt = now;
        return listing.Exists;
    }

    private void WriteStates(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_network_up"u8, "Whether its state is \"up\"."u8);
        foreach (Interface device in _interfaces)
        {
            if (device.IsThere)
                writer.Label("device"u8, device.Name).Sample(device.State.AsSpan().SequenceEqual("up"u8) ? 1 : 0);
        }
        writer.Family(MetricType.Gauge, "node_network_info"u8, "What is no number; always 1."u8);
        foreach (Interface device in _interfaces)
        {
            if (!device.IsThere)
                continue;
            writer.Label("device"u8, device.Name)
                .Label("address"u8, device.Address)
                .Label("broadcast"u8, device.Broadcast)
                .Label("duplex"u8, device.Duplex)
                .Label("operstate"u8, device.State)
                .Label("adminstate"u8, device.Numbers[Flags] is not long flags ? "unknown"u8 : (flags & Up) != 0 ? "up"u8 : "down"u8)
                .Label("ifalias"u8, device.Alias)
                .Sample(1);
        }
    }

    private sealed class Property(string attribute, MetricType type, string family, string help)
    {
        public string Attribute => attribute;

        public MetricType Type => type;

        public byte[] Family { get; } = Encoding.UTF8.GetBytes(family);

        public byte[] Help { get; } = Encoding.UTF8.GetBytes(help);
    }

    /// <summary>The attributes of one interface, as they were when they were last read.</summary>
    private sealed class Interface : Device
    {
        private readonly SourceFile[] _numbers;
        private readonly SourceFile _speed, _state, _address, _broadcast, _duplex, _alias;

        public Interface(byte[] name, SourceFiles files)
            : base(name)
        {
            _numbers = Array.ConvertAll(Properties, property => Attribute(property.Attribute));
            (_speed, _state, _address) = (Attribute("speed"), Attribute("operstate"), Attribute("address"));
            (_broadcast, _duplex, _alias) = (Attribute("broadcast"), Attribute("duplex"), Attribute("ifalias"));

            SourceFile Attribute(string attribute) => files.InSys($"{Folder}/{Encoding.UTF8.GetString(name)}/{attribute}");
        }

        /// <summary>In the order of <see cref="Properties"/>.</summary>
        public long?[] Numbers { get; } = new long?[Properties.Length];

        /// <summary>What has no number is no interface: bonding_masters, beside them, is a file.</summary>
        public bool IsThere => Numbers[Index] is not null;

        /// <summary>In 10⁶ bit/s.</summary>
        public long? Speed { get; private set; }

        /// <summary>Its operational state (RFC 2863), such as "up".</summary>
        public byte[] State { get; private set; } = [];

        public byte[] Address { get; private set; } = [];

        public byte[] Broadcast { get; private set; } = [];

        public byte[] Duplex { get; private set; } = [];

        public byte[] Alias { get; private set; } = [];

        public void Read()
        {
            for (int i = 0; i < _numbers.Length; i++)
                Numbers[i] = Number(_numbers[i]);
            Speed = Number(_speed);
            State = Text(_state, State);
            Address = Text(_address, Address);
            Broadcast = Text(_broadcast, Broadcast);
            Duplex = Text(_duplex, Duplex);
            Alias = Text(_alias, Alias);
        }

        public override void Dispose()
        {
            foreach (SourceFile file in (SourceFile[])[.. _numbers, _speed, _state, _address, _broadcast, _duplex, _alias])
                file.Dispose();
        }

        private static long? Number(SourceFile file) => file.TryReadNumber(out long number) ? number : null;

        private static byte[] Text(SourceFile file, byte[] before)
        {
            file.TryReadValue(stackalloc byte[MaxText + 1], out ReadOnlySpan<byte> value);
            return value.SequenceEqual(before) ? before : value.ToArray();
        }
    }
}
