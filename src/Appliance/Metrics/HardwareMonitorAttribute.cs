using System;
using System.Text;

namespace Appliance.Metrics;

/// <summary>One attribute of a sensor: which family it belongs to, and in what unit the kernel counts it; Documentation/hwmon/sysfs-interface.rst.</summary>
/// <remarks>
/// The file "temp1_crit" is the attribute crit of the sensor temp1. node_exporter's names follow from type and attribute:
/// node_hwmon_temp_crit_celsius; of what has no unit it makes the file's name, as in node_hwmon_pwm_mode.
/// </remarks>
internal sealed class HardwareMonitorAttribute
{
    private static readonly string[] Types =
    [
        "vrm", "beep_enable", "update_interval", "in", "cpu", "fan", "pwm", "temp", "curr", "power", "energy", "humidity",
        "intrusion", "freq",
    ];

    private HardwareMonitorAttribute(string type, string number, string property)
    {
        Type = type;
        Property = property;
        Sensor = Encoding.UTF8.GetBytes(type + (number.TrimStart('0') is { Length: > 0 } significant ? significant : "0"));
    }

    /// <summary>Such as temp.</summary>
    public string Type { get; }

    /// <summary>Such as crit; empty for the sensor itself, as in pwm1.</summary>
    public string Property { get; }

    /// <summary>Such as temp1; of a type without numbers, intrusion0.</summary>
    public byte[] Sensor { get; }

    public bool IsLabel => Property == "label";

    /// <summary>A frequency is known by its label alone, which stands in place of the sensor.</summary>
    public bool IsNamedByLabel => Type == "freq" && Property == "input";

    /// <summary>Whether it only grows.</summary>
    public MetricType MetricType => Type == "energy" && !IsState ? MetricType.Counter : MetricType.Gauge;

    private bool IsState => Property is "fault" or "alarm" or "beep";

    /// <summary>Takes a file's name apart; false for files that are no attributes of sensors.</summary>
    public static bool TryParse(string file, out HardwareMonitorAttribute attribute)
    {
        int numberStart = file.AsSpan().IndexOfAnyInRange('0', '9');
        int typeEnd = numberStart >= 0 ? numberStart : file.Length;
        int end = typeEnd;
        while (end < file.Length && char.IsAsciiDigit(file[end]))
            end++;
        attribute = new HardwareMonitorAttribute(file[..typeEnd], file[typeEnd..end], end < file.Length ? file[(end + 1)..] : "");
        return Array.IndexOf(Types, attribute.Type) >= 0
            && (end == file.Length || (file[end] == '_' && attribute.Property.Length > 0));
    }

    /// <summary>Its family and how many decimals of it the kernel counts: temp1_crit is node_hwmon_temp_crit_celsius, in thousandths.</summary>
    /// <param name="hasBare">Whether the sensor has a file of its bare name too, which then has the name that its input has otherwise.</param>
    public (string Family, int Decimals) Describe(bool hasBare)
    {
        string property = HardwareMonitorChip.Clean(Property);
        string name = Property == "" || (Property == "input" && !hasBare) ? $"node_hwmon_{Type}" : $"node_hwmon_{Type}_{property}";
        return (Type, Property) switch
        {
            ("beep_enable", _) => ("node_hwmon_beep_enabled", 0),
            ("vrm", _) => ("node_hwmon_voltage_regulator_version", 0),
            ("update_interval", _) => ("node_hwmon_update_interval_seconds", 3),
            (_, "fault" or "alarm") => (name, 0),
            (_, "beep") => ($"{name}_enabled", 0),
            ("in" or "cpu", _) => ($"{name}_volts", 3),
            ("temp", not "type") => ($"{name}_celsius", 3),
            ("curr", _) => ($"{name}_amps", 3),
            ("energy", _) => ($"{name}_joule_total", 6),
            ("power", "accuracy") => (name, 6),
            ("power", "average_interval" or "average_interval_min" or "average_interval_max") => ($"{name}_seconds", 3),
            ("power", _) => ($"{name}_watt", 6),
            ("humidity", _) => (name, 6),
            ("fan", "input" or "min" or "max" or "target") => ($"{name}_rpm", 0),
            ("freq", "input") => ($"{name}_freq_mhz", 6),
            _ => (name, 0),
        };
    }
}
