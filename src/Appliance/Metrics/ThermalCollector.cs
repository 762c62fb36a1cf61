using System;
using System.Text;

namespace Appliance.Metrics;

/// <summary>thermal_zone: temperatures, and how hard the device cools, from /sys/class/thermal; kernel Documentation/driver-api/thermal/sysfs-api.rst.</summary>
/// <remarks>A zone that cannot be read, now (EAGAIN) or ever (EINVAL), is absent.</remarks>
internal sealed class ThermalCollector : ICollector
{
    private const string Folder = "class/thermal";
    private const int MaxText = 256;

    private static ReadOnlySpan<byte> Zone => "thermal_zone"u8;

    private static ReadOnlySpan<byte> Cooler => "cooling_device"u8;

    private readonly SourceFolder _folder;
    private readonly DeviceSet<Entry> _entries;

    public ThermalCollector(SourceFiles files)
    {
        _folder = files.FolderInSys(Folder);
        _entries = new DeviceSet<Entry>(name => new Entry(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!TryFind())
            return false;
        Span<byte> buffer = stackalloc byte[MaxText];
        writer.Family(MetricType.Gauge, "node_thermal_zone_temp"u8, "Temperature of a zone in degrees Celsius."u8);
        foreach (Entry entry in _entries)
        {
            if (entry.Name.AsSpan().StartsWith(Zone) && entry.First.TryReadNumber(out long thousandths))
                entry.Label("zone"u8, Zone, buffer, writer).Sample(thousandths / 1000.0);
        }
        writer.Family(MetricType.Gauge, "node_cooling_device_cur_state"u8, "How hard a device cools; 0 is not at all."u8);
        foreach (Entry entry in _entries)
        {
            if (entry.Name.AsSpan().StartsWith(Cooler) && entry.First.TryReadNumber(out long state))
                entry.Label("name"u8, Cooler, buffer, writer).Sample(state);
        }
        writer.Family(MetricType.Gauge, "node_cooling_device_max_state"u8, "How hard it can cool."u8);
        foreach (Entry entry in _entries)
        {
            if (entry.Name.AsSpan().StartsWith(Cooler) && entry.Most.TryReadNumber(out long state))
                entry.Label("name"u8, Cooler, buffer, writer).Sample(state);
        }
        return true;
    }

    private bool TryFind()
    {
        using SourceFolder.Listing listing = _folder.List();
        _entries.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            if (name.StartsWith(Zone) || name.StartsWith(Cooler))
                _entries.Get(name);
        }
        _entries.EndRound();
        return listing.Exists;
    }

    /// <summary>A zone or a cooling device.</summary>
    private sealed class Entry : Device
    {
        private readonly SourceFile _type;

        public Entry(byte[] name, SourceFiles files)
            : base(name)
        {
            string folder = $"{Folder}/{Encoding.UTF8.GetString(name)}";
            _type = files.InSys($"{folder}/type");
            First = files.InSys($"{folder}/{(name.AsSpan().StartsWith(Zone) ? "temp" : "cur_state")}");
            Most = files.InSys($"{folder}/max_state");
        }

        /// <summary>temp in thousandths of a degree, or cur_state.</summary>
        public SourceFile First { get; }

        public SourceFile Most { get; }

        /// <summary>Begins a sample with the entry's number and type.</summary>
        public ExpositionWriter Label(ReadOnlySpan<byte> number, ReadOnlySpan<byte> kind, Span<byte> buffer, ExpositionWriter writer)
        {
            _type.TryReadValue(buffer, out ReadOnlySpan<byte> type);
            return writer.Label(number, Name.AsSpan(kind.Length)).Label("type"u8, type);
        }

        public override void Dispose()
        {
            _type.Dispose();
            First.Dispose();
            Most.Dispose();
        }
    }
}
