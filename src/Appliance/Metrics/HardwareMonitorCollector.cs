using System;
using System.Collections.Generic;
using System.Text;

namespace Appliance.Metrics;

/// <summary>hwmon: temperatures, fans, voltages and whatever else chips measure, from /sys/class/hwmon; kernel Documentation/hwmon/sysfs-interface.rst.</summary>
/// <remarks>A sensor that cannot be read, now (EAGAIN) or ever (EIO, ENODATA), is absent.</remarks>
internal sealed class HardwareMonitorCollector : ICollector
{
    private const string Folder = "class/hwmon";
    private const int MaxText = 256;

    private readonly SourceFolder _folder;
    private readonly DeviceSet<HardwareMonitorChip> _chips;
    private readonly List<Series> _series = []; // of all chips, those of one family side by side
    private readonly List<Series> _labels = [];
    private int _chipCount;
    private bool _hasNew;

    public HardwareMonitorCollector(SourceFiles files)
    {
        _folder = files.FolderInSys(Folder);
        _chips = new DeviceSet<HardwareMonitorChip>(name =>
        {
            _hasNew = true;
            return new HardwareMonitorChip(name, $"{Folder}/{Encoding.UTF8.GetString(name)}", files);
        });
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!TryFindChips())
            return false;
        writer.Family(MetricType.Gauge, "node_hwmon_chip_names"u8, "What its driver calls a chip; always 1."u8);
        foreach (HardwareMonitorChip chip in _chips)
        {
            if (chip.DriverName != "")
                writer.Label("chip"u8, chip.Label).Label("chip_name"u8, chip.DriverName).Sample(1);
        }
        Span<byte> buffer = stackalloc byte[MaxText];
        writer.Family(MetricType.Gauge, "node_hwmon_sensor_label"u8, "What a sensor measures; always 1."u8);
        foreach (Series label in _labels)
        {
            if (label.File.TryReadValue(buffer, out ReadOnlySpan<byte> text))
                writer.Label("chip"u8, label.Chip.Label).Label("sensor"u8, label.Sensor).Label("label"u8, text).Sample(1);
        }
        WriteSeries(writer);
        return true;
    }

    private void WriteSeries(ExpositionWriter writer)
    {
        byte[] family = [];
        foreach (Series series in _series)
        {
            if (!series.Family.AsSpan().SequenceEqual(family))
            {
                family = series.Family;
                writer.Family(series.Attribute.MetricType, family, "An attribute of sensors in /sys/class/hwmon."u8);
            }
            if (series.File.TryReadNumber(out long value))
                writer.Label("chip"u8, series.Chip.Label).Label("sensor"u8, series.Sensor).Sample(value / series.Divisor);
        }
    }

    private bool TryFindChips()
    {
        using SourceFolder.Listing listing = _folder.List();
        _chips.BeginRound();
        int count = 0;
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            _hasNew |= _chips.Get(name).TryChange();
            count++;
        }
        _chips.EndRound();
        if (_hasNew || count != _chipCount)
            Arrange();
        _chipCount = count;
        _hasNew = false;
        return listing.Exists;
    }

    /// <summary>Finds names for the chips that are there now, and puts their attributes in the order of families.</summary>
    private void Arrange()
    {
        _series.Clear();
        _labels.Clear();
        foreach (HardwareMonitorChip chip in _chips)
        {
            chip.Label = Encoding.UTF8.GetBytes(UniqueName(chip));
            foreach ((HardwareMonitorAttribute attribute, SourceFile file) in chip.Attributes)
                Arrange(chip, attribute, file);
        }
        _series.Sort((one, other) => one.Family.AsSpan().SequenceCompareTo(other.Family));
    }

    private void Arrange(HardwareMonitorChip chip, HardwareMonitorAttribute attribute, SourceFile file)
    {
        byte[] sensor = attribute.IsNamedByLabel ? chip.ReadLabel(attribute.Sensor) : attribute.Sensor;
        if (attribute.IsLabel)
            _labels.Add(new Series(chip, attribute, sensor, file, "", 0));
        else if (sensor.Length > 0)
        {
            (string family, int decimals) = attribute.Describe(chip.Find(attribute.Sensor, "") is not null);
            _series.Add(new Series(chip, attribute, sensor, file, family, decimals));
        }
    }

    /// <summary>Of chips with the same name: what their drivers call them, or else their numbers, tells them apart.</summary>
    private string UniqueName(HardwareMonitorChip chip)
    {
        bool isShared = false;
        bool isSharedWithDriver = false;
        foreach (HardwareMonitorChip other in _chips)
        {
            bool isSame = other != chip && other.BaseName == chip.BaseName;
            isShared |= isSame;
            isSharedWithDriver |= isSame && other.DriverName == chip.DriverName;
        }
        return !isShared ? chip.BaseName
            : chip.DriverName == "" || isSharedWithDriver ? $"{chip.BaseName}_{Encoding.UTF8.GetString(chip.Name)}"
            : $"{chip.BaseName}_{chip.DriverName}";
    }

    /// <summary>One attribute of one sensor.</summary>
    private sealed class Series(
        HardwareMonitorChip chip, HardwareMonitorAttribute attribute, byte[] sensor, SourceFile file, string family, int decimals)
    {
        public HardwareMonitorChip Chip => chip;

        public HardwareMonitorAttribute Attribute => attribute;

        public byte[] Sensor => sensor;

        public SourceFile File => file;

        public byte[] Family { get; } = Encoding.UTF8.GetBytes(family);

        public double Divisor { get; } = decimals switch { 3 => 1e3, 6 => 1e6, _ => 1 };
    }
}
