using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>Where the metrics differ from node_exporter's on purpose, and why.</summary>
internal static class DeliberateDifferences
{
    /// <summary>What differs in its fixtures. An entry that explains nothing fails the comparison.</summary>
    private static readonly (string Collector, string Samples, string Reason)[] InFixtures =
    [
        ("cpu", "^node_cpu_(info|frequency_hertz|flag_info|bug_info)", "node_exporter has them only with --collector.cpu.info, which its test sets"),
        ("arp", "device=\"nope\"", "node_exporter's test runs with --collector.arp.device-exclude=nope"),
        ("time", "^node_time_(seconds|zone_offset_seconds)", "node_exporter's test leaves out what the clock says"),
        ("hwmon", "^node_hwmon_chip_names.*\"bogus\"", "node_exporter leaves the chip out with --collector.hwmon.chip-include, which its test sets"),
        ("stat", "^node_softirqs_total", "node_exporter has it only with --collector.stat.softirq, which its test sets"),
        ("netclass", "device=\"(dmz|int)\"", "node_exporter's test runs with --collector.netclass.ignored-devices=(dmz|int)"),
        ("netdev", "_(bytes|packets)_total\\{", "node_exporter's test leaves out the traffic of the machine it runs on"),
        ("textfile", "_(sum|count)\\{handler=\"foo\"", "node_exporter makes a sum and a count of 0 for a summary that has none; here a file is passed on as it is"),
    ];

    /// <summary>What its fixtures do not show.</summary>
    private static readonly (string Collector, string Reason)[] Elsewhere =
    [
        ("netclass", "a speed below 0, which means that it is not known, is absent, as with node_exporter's --collector.netclass.ignore-invalid-speed"),
        ("filesystem", "/proc/self/mountinfo in place of /proc/1/mountinfo, which needs privileges: statvfs looks paths up in the process's own namespace"),
        ("filesystem", "of several mounts on one mount point only the last, which hides the others; node_exporter gives each the sizes of the last"),
        ("textfile", "one folder; node_exporter takes several, and patterns"),
        ("textfile", "no empty labels are added to make those of a family alike: they mean the same as none"),
        ("textfile", "a histogram is not given the buckets, sum and count that it lacks: here a file is passed on as it is"),
        ("textfile", "a sample that is there twice, a name of our own metrics or a label that begins with \"__\" is node_textfile_scrape_error 1 and a line of "
            + "the log; node_exporter leaves them out without, or dies of them"),
        ("textfile", "a last line without its end is refused: the rest of it may be missing"),
    ];

    /// <summary>Files of the fixtures that lack the newline of their last line, which is added before the comparison.</summary>
    private static readonly (string Collector, string File)[] Cut =
    [
        ("softnet", "proc/net/softnet_stat"),
        ("pressure", "proc/pressure/irq"),
    ];

    private const string CutReason = "the kernel ends every line; a text that stops in mid-line is refused, as the number it stops in may be a part of one";

    /// <summary>Collectors that node_exporter's test does not have in its output.</summary>
    private static readonly (string Collector, string Reason)[] NotCompared =
    [
        ("uname", "node_exporter's test switches it off: it tells of the machine that it runs on"),
        ("filesystem", "node_exporter's test switches it off: the sizes are those of the machine that it runs on"),
        ("appliance", "node_exporter has none: it is this program's own"),
    ];

    /// <summary>Every entry, as a line.</summary>
    public static IEnumerable<(string Collector, string Line)> All =>
        [
            .. InFixtures.Select(entry => (entry.Collector, $"{entry.Collector}, {entry.Samples}: {entry.Reason}")),
            .. Elsewhere.Select(entry => (entry.Collector, $"{entry.Collector}: {entry.Reason}")),
            .. Cut.Select(entry => (entry.Collector, $"{entry.Collector}, {entry.File}: {CutReason}")),
            .. NotCompared.Select(entry => (entry.Collector, $"{entry.Collector}, not compared: {entry.Reason}")),
        ];

    public static IEnumerable<string> CollectorsNotCompared => NotCompared.Select(entry => entry.Collector);

    /// <summary>Whether the list has a sample; notes which entry explains it.</summary>
    public static bool Explain(string collector, string sample, HashSet<string> used)
    {
        foreach ((string listed, string samples, string reason) in InFixtures)
        {
            if (listed == collector && Regex.IsMatch(sample, samples))
            {
                used.Add(reason);
                return true;
            }
        }
        return false;
    }

    /// <summary>The reasons of a collector's differences in the fixtures.</summary>
    public static HashSet<string> Of(string collector) =>
        [.. InFixtures.Where(entry => entry.Collector == collector).Select(entry => entry.Reason)];

    /// <summary>Adds the newlines that the fixtures lack.</summary>
    public static void Mend(string fixtures)
    {
        foreach ((_, string file) in Cut)
        {
            string path = Path.Combine(fixtures, file);
            Assert.False(File.ReadAllText(path).EndsWith('\n'), $"{file} is not cut");
            File.AppendAllText(path, "\n");
        }
    }
}
