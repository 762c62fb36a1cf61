using System;
using System.Collections.Generic;
using System.Text;

namespace Appliance.Metrics;

/// <summary>powersupplyclass: batteries, chargers and mains, from /sys/class/power_supply; kernel Documentation/ABI/testing/sysfs-class-power.</summary>
/// <remarks>
/// Of some sixty attributes a supply has a few, and which is decided when it is registered: they are looked for once. One that
/// cannot be read, such as the current of a battery that was taken out (ENODEV), is absent.
/// </remarks>
internal sealed class PowerSupplyCollector : ICollector
{
    private const string Folder = "class/power_supply";
    private const int MaxText = 256;

    /// <summary>The attributes that are samples, how many decimals the kernel counts, and node_exporter's names.</summary>
    private static readonly Property[] Properties =
    [
        new("authentic", 0), new("calibrate", 0), new("capacity", 0), new("capacity_alert_max", 0), new("capacity_alert_min", 0),
        new("cycle_count", 0, "cyclecount"), new("online", 0), new("present", 0),
        new("time_to_empty_now", 0, "time_to_empty_seconds"), new("time_to_full_now", 0, "time_to_full_seconds"),
        new("current_boot", 6), new("current_max", 6), new("current_now", 6, "current_ampere"),
        new("energy_empty", 6), new("energy_empty_design", 6), new("energy_full", 6), new("energy_full_design", 6),
        new("energy_now", 6, "energy_watthour"),
        new("voltage_boot", 6), new("voltage_max", 6), new("voltage_max_design", 6), new("voltage_min", 6),
        new("voltage_min_design", 6), new("voltage_now", 6, "voltage_volt"), new("voltage_ocv", 6),
        new("charge_control_limit", 6), new("charge_control_limit_max", 6), new("charge_counter", 6), new("charge_empty", 6),
        new("charge_empty_design", 6), new("charge_full", 6), new("charge_full_design", 6), new("charge_now", 6, "charge_ampere"),
        new("charge_term_current", 6), new("constant_charge_current", 6), new("constant_charge_current_max", 6),
        new("constant_charge_voltage", 6), new("constant_charge_voltage_max", 6), new("precharge_current", 6),
        new("input_current_limit", 6), new("power_now", 6, "power_watt"),
        new("temp", 1, "temp_celsius"), new("temp_alert_max", 1, "temp_alert_max_celsius"),
        new("temp_alert_min", 1, "temp_alert_min_celsius"), new("temp_ambient", 1, "temp_ambient_celsius"),
        new("temp_max", 1, "temp_max_celsius"), new("temp_min", 1, "temp_min_celsius"),
    ];

    /// <summary>The attributes that are labels.</summary>
    private static readonly (string Attribute, byte[] Label)[] Texts = Array.ConvertAll(
        (string[])
        [
            "capacity_level", "charge_type", "health", "manufacturer", "model_name", "serial_number", "status", "technology", "type",
            "usb_type", "scope",
        ],
        name => (name, Encoding.ASCII.GetBytes(name)));

    private readonly SourceFolder _folder;
    private readonly DeviceSet<Supply> _supplies;

    public PowerSupplyCollector(SourceFiles files)
    {
        _folder = files.FolderInSys(Folder);
        _supplies = new DeviceSet<Supply>(name => new Supply(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!TryFindSupplies())
            return false;
        if (_supplies.IsEmpty)
            return true; // as on most routers; the families are many
        for (int i = 0; i < Properties.Length; i++)
        {
            writer.Family(MetricType.Gauge, Properties[i].Family, "An attribute of /sys/class/power_supply."u8);
            foreach (Supply supply in _supplies)
            {
                if (supply.Numbers[i] is SourceFile file && file.TryReadNumber(out long value))
                    writer.Label("power_supply"u8, supply.Name).Sample(value / Properties[i].Divisor);
            }
        }
        writer.Family(MetricType.Gauge, "node_power_supply_info"u8, "What is no number; always 1."u8);
        foreach (Supply supply in _supplies)
            WriteInfo(supply, writer);
        return true;
    }

    private static void WriteInfo(Supply supply, ExpositionWriter writer)
    {
        Span<byte> buffer = stackalloc byte[MaxText];
        writer.Label("power_supply"u8, supply.Name);
        for (int i = 0; i < Texts.Length; i++)
        {
            if (supply.Texts[i] is SourceFile file && file.TryReadValue(buffer, out ReadOnlySpan<byte> text) && !text.IsEmpty)
                writer.Label(Texts[i].Label, text);
        }
        writer.Sample(1);
    }

    private bool TryFindSupplies()
    {
        using SourceFolder.Listing listing = _folder.List();
        _supplies.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
            _supplies.Get(name);
        _supplies.EndRound();
        return listing.Exists;
    }

    private sealed class Property(string attribute, int decimals, string? name = null)
    {
        public string Attribute => attribute;

        public byte[] Family { get; } = Encoding.ASCII.GetBytes($"node_power_supply_{name ?? attribute}");

        public double Divisor { get; } = decimals switch { 6 => 1e6, 1 => 10, _ => 1 };
    }

    /// <summary>The attributes of one supply, in the order of the tables above; null where it does not have one.</summary>
    private sealed class Supply : Device
    {
        public Supply(byte[] name, SourceFiles files)
            : base(name)
        {
            string folder = $"{Folder}/{Encoding.UTF8.GetString(name)}";
            HashSet<string> there = [];
            using SourceFolder.Listing listing = files.FolderInSys(folder).List();
            while (listing.TryRead(out ReadOnlySpan<byte> attribute))
                there.Add(Encoding.UTF8.GetString(attribute));
            Numbers = Array.ConvertAll(Properties, property => Open(property.Attribute));
            Texts = Array.ConvertAll(PowerSupplyCollector.Texts, text => Open(text.Attribute));

            SourceFile? Open(string attribute) => there.Contains(attribute) ? files.InSys($"{folder}/{attribute}") : null;
        }

        public SourceFile?[] Numbers { get; }

        public SourceFile?[] Texts { get; }

        public override void Dispose()
        {
            foreach (SourceFile? file in (SourceFile?[])[.. Numbers, .. Texts])
                file?.Dispose();
        }
    }
}
