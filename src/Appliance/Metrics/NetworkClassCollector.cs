using System;
using System.Text;

namespace Appliance.Metrics;

/// <summary>
/// netclass: state and properties of each network interface, from /sys/class/net/NAME/; kernel
/// Documentation/ABI/testing/sysfs-class-net.
/// </summary>
/// <remarks>
/// An attribute that an interface does not have, or cannot tell now (the speed of a port without a cable: EINVAL), is absent.
/// Interfaces can be renamed, and swap their names; an open attribute stays the first one's.
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
    private readonly DeviceSet<Interface> _interfaces;

    public NetworkClassCollector(SourceFiles files)
    {
        _folder = files.FolderInSys(Folder);
        _interfaces = new DeviceSet<Interface>(name => new Interface(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!TryFindInterfaces())
            return false;
        WriteStates(writer);
        for (int i = 0; i < Properties.Length; i++)
        {
            writer.Family(Properties[i].Type, Properties[i].Family, Properties[i].Help);
            foreach (Interface device in _interfaces)
            {
                if (device.Numbers[i].TryReadNumber(out long value))
                    writer.Label("device"u8, device.Name).Sample(value);
            }
        }
        WriteSpeeds(writer);
        return true;
    }

    private bool TryFindInterfaces()
    {
        using SourceFolder.Listing listing = _folder.List();
        _interfaces.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name, out ulong inode))
            _interfaces.Get(name, inode);
        _interfaces.EndRound();
        return listing.Exists;
    }

    private void WriteStates(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_network_up"u8, "Whether its state is \"up\"."u8);
        foreach (Interface device in _interfaces)
        {
            device.ReadState();
            if (device.IsThere)
                writer.Label("device"u8, device.Name).Sample(device.State.SequenceEqual("up"u8) ? 1 : 0);
        }
        writer.Family(MetricType.Gauge, "node_network_info"u8, "What is no number; always 1."u8);
        foreach (Interface device in _interfaces)
        {
            if (device.IsThere)
                WriteInfo(device, writer);
        }
    }

    private static void WriteInfo(Interface device, ExpositionWriter writer)
    {
        Span<byte> buffer = stackalloc byte[MaxText + 1];
        writer.Label("device"u8, device.Name)
            .Label("address"u8, Text(device.Address, buffer))
            .Label("broadcast"u8, Text(device.Broadcast, buffer))
            .Label("duplex"u8, Text(device.Duplex, buffer))
            .Label("operstate"u8, device.State)
            .Label("adminstate"u8, !device.Numbers[Flags].TryReadNumber(out long flags) ? "unknown"u8 : (flags & Up) != 0 ? "up"u8 : "down"u8)
            .Label("ifalias"u8, Text(device.Alias, buffer))
            .Sample(1);

        static ReadOnlySpan<byte> Text(SourceFile file, Span<byte> buffer) =>
            file.TryReadValue(buffer, out ReadOnlySpan<byte> value) ? value : default;
    }

    private void WriteSpeeds(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_network_speed_bytes"u8, "Speed of its link, in bytes a second."u8);
        foreach (Interface device in _interfaces)
        {
            // −1, and what becomes of it as unsigned, mean unknown.
            if (device.Speed.TryReadNumber(out long megabits) && megabits is >= 0 and < uint.MaxValue)
                writer.Label("device"u8, device.Name).Sample(megabits * BytesPerMegabit);
        }
    }

    private sealed class Property(string attribute, MetricType type, string family, string help)
    {
        public string Attribute => attribute;

        public MetricType Type => type;

        public byte[] Family { get; } = Encoding.UTF8.GetBytes(family);

        public byte[] Help { get; } = Encoding.UTF8.GetBytes(help);
    }

    /// <summary>The attributes of one interface.</summary>
    private sealed class Interface : Device
    {
        private readonly SourceFile _state;
        private readonly byte[] _stateText = new byte[64]; // the longest is "lowerlayerdown"
        private int _stateLength;

        public Interface(byte[] name, SourceFiles files)
            : base(name)
        {
            string folder = $"{Folder}/{Encoding.UTF8.GetString(name)}";
            Numbers = Array.ConvertAll(Properties, property => files.InSys($"{folder}/{property.Attribute}"));
            Speed = files.InSys($"{folder}/speed");
            _state = files.InSys($"{folder}/operstate");
            Address = files.InSys($"{folder}/address");
            Broadcast = files.InSys($"{folder}/broadcast");
            Duplex = files.InSys($"{folder}/duplex");
            Alias = files.InSys($"{folder}/ifalias");
        }

        /// <summary>In the order of <see cref="Properties"/>.</summary>
        public SourceFile[] Numbers { get; }

        public SourceFile Speed { get; }

        public SourceFile Address { get; }

        public SourceFile Broadcast { get; }

        public SourceFile Duplex { get; }

        public SourceFile Alias { get; }

        /// <summary>What has no number is no interface: bonding_masters, beside them, is a file.</summary>
        public bool IsThere { get; private set; }

        /// <summary>Its operational state (RFC 2863), such as "up", when it was last read.</summary>
        public ReadOnlySpan<byte> State => _stateText.AsSpan(0, _stateLength);

        public void ReadState()
        {
            IsThere = Numbers[Index].TryReadNumber(out _);
            _state.TryReadValue(_stateText, out ReadOnlySpan<byte> text);
            text.CopyTo(_stateText); // without the blanks around it
            _stateLength = text.Length;
        }

        public override void Dispose()
        {
            foreach (SourceFile file in (SourceFile[])[.. Numbers, Speed, _state, Address, Broadcast, Duplex, Alias])
                file.Dispose();
        }
    }
}
