using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Appliance.Tests.Metrics;

/// <summary>Where the samples differ from node_exporter's on purpose, and why. An entry that explains nothing fails the comparison.</summary>
internal static class DeliberateDifferences
{
    private static readonly (string Collector, string Samples, string Reason)[] List =
    [
        ("cpu", "^node_cpu_(info|frequency_hertz|flag_info|bug_info)", "node_exporter has them only with --collector.cpu.info, which its test sets"),
        ("arp", "device=\"nope\"", "node_exporter's test runs with --collector.arp.device-exclude=nope"),
        ("time", "^node_time_(seconds|zone_offset_seconds)", "node_exporter's test leaves out what the clock says"),
        ("hwmon", "^node_hwmon_chip_names.*\"bogus\"", "node_exporter leaves the chip out with --collector.hwmon.chip-include, which its test sets"),
        ("stat", "^node_softirqs_total", "node_exporter has it only with --collector.stat.softirq, which its test sets"),
    ];

    /// <summary>Whether the list has a sample; notes which entry explains it.</summary>
    public static bool Explain(string collector, string sample, HashSet<string> used)
    {
        foreach ((string listed, string samples, string reason) in List)
        {
            if (listed == collector && Regex.IsMatch(sample, samples))
            {
                used.Add(reason);
                return true;
            }
        }
        return false;
    }

    /// <summary>The reasons of a collector's differences.</summary>
    public static HashSet<string> Of(string collector)
    {
        HashSet<string> reasons = [];
        foreach ((string listed, _, string reason) in List)
        {
            if (listed == collector)
                reasons.Add(reason);
        }
        return reasons;
    }
}
