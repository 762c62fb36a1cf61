using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class CpuCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void TimesAreSecondsOfEachMode()
    {
        Dictionary<string, double> samples = Ask("cpu0 100 1 200 30000 30 4 5 6 11 12\n");
        (string Mode, double Seconds)[] modes =
            [("user", 1), ("nice", 0.01), ("system", 2), ("idle", 300), ("iowait", 0.3), ("irq", 0.04), ("softirq", 0.05), ("steal", 0.06)];
        foreach ((string mode, double seconds) in modes)
            Assert.Equal(seconds, samples[$"node_cpu_seconds_total{{cpu=\"0\",mode=\"{mode}\"}}"]);
        Assert.Equal(0.11, samples["node_cpu_guest_seconds_total{cpu=\"0\",mode=\"user\"}"]);
        Assert.Equal(0.12, samples["node_cpu_guest_seconds_total{cpu=\"0\",mode=\"nice\"}"]);
        Assert.Equal(10, samples.Count);
    }

    [Fact]
    public void TimeThatGoesBackALittleKeepsItsValue()
    {
        Ask("cpu0 100 0 0 30000 30 0 0 0 0 0\n");
        Dictionary<string, double> samples = Ask("cpu0 101 0 0 29701 20 0 0 0 0 0\n");
        Assert.Equal(1.01, samples["node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}"]);
        Assert.Equal(300, samples["node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}"]);
        Assert.Equal(0.3, samples["node_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"}"]);
        Assert.Equal(300.01, Ask("cpu0 101 0 0 30001 20 0 0 0 0 0\n")["node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}"]);
    }

    [Fact]
    public void ACpuThatWasOffStartsAnew()
    {
        Ask("cpu0 100 0 0 30000 30 0 0 0 0 0\n");
        Dictionary<string, double> samples = Ask("cpu0 1 0 0 29700 20 0 0 0 0 0\n");
        Assert.Equal(0.01, samples["node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}"]);
        Assert.Equal(297, samples["node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}"]);
    }

    [Fact]
    public void CpusMayBeMissingAndComeBack()
    {
        const string Zero = "cpu0 1 0 0 9 0 0 0 0 0 0\n";
        const string One = "cpu1 2 0 0 9 0 0 0 0 0 0\n";
        const string Five = "cpu5 3 0 0 9 0 0 0 0 0 0\n";
        Assert.Equal(30, Ask(Zero + One + Five).Count);
        Dictionary<string, double> samples = Ask(Zero + Five);
        Assert.Equal(20, samples.Count);
        Assert.Equal(0.03, samples["node_cpu_seconds_total{cpu=\"5\",mode=\"user\"}"]);
        Assert.Equal(0.02, Ask(Zero + One + Five)["node_cpu_seconds_total{cpu=\"1\",mode=\"user\"}"]);
    }

    [Fact]
    public void CoresAndPackagesCountTheirThrottlesOnce()
    {
        foreach ((int cpu, int package, int core) in new[] { (0, 0, 0), (1, 0, 0), (2, 0, 1), (10, 1, 0) })
        {
            _device.Put($"sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id", $"{package}\n");
            _device.Put($"sys/devices/system/cpu/cpu{cpu}/topology/core_id", $"{core}\n");
            _device.Put($"sys/devices/system/cpu/cpu{cpu}/thermal_throttle/core_throttle_count", $"{cpu + 40}\n");
            _device.Put($"sys/devices/system/cpu/cpu{cpu}/thermal_throttle/package_throttle_count", $"{cpu + 60}\n");
        }
        _device.Put("sys/devices/system/cpu/cpufreq/policy0/x", "not a CPU\n");
        Assert.Equal(
            [
                "node_cpu_core_throttles_total{core=\"0\",package=\"0\"} 40",
                "node_cpu_core_throttles_total{core=\"0\",package=\"1\"} 50",
                "node_cpu_core_throttles_total{core=\"1\",package=\"0\"} 42",
                "node_cpu_package_throttles_total{package=\"0\"} 60",
                "node_cpu_package_throttles_total{package=\"1\"} 70",
            ],
            Others());
    }

    [Theory]
    [InlineData("1,3-5,9\n", "1 3 4 5 9")]
    [InlineData("0\n", "0")]
    [InlineData("\n", "")]
    [InlineData("", "")]
    [InlineData("1,x,3\n", "1")]
    [InlineData("5-\n", "")]
    [InlineData("0-99999999999\n", "")]
    public void IsolatedCpusAreListed(string list, string cpus)
    {
        _device.Put("sys/devices/system/cpu/isolated", list);
        Assert.Equal(cpus.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(cpu => $"node_cpu_isolated{{cpu=\"{cpu}\"}} 1"), Others());
    }

    [Fact]
    public void OnlineIsToldWhereTheFirstCpuCanBeSwitchedOff()
    {
        _device.Put("sys/devices/system/cpu/cpu0/online", "1\n");
        _device.Put("sys/devices/system/cpu/cpu1/online", "0\n");
        _device.Put("sys/devices/system/cpu/cpu10/x", "\n");
        Assert.Equal(
            ["node_cpu_online{cpu=\"0\"} 1", "node_cpu_online{cpu=\"1\"} 0", "node_cpu_online{cpu=\"10\"} 0"],
            Others());
    }

    [Fact]
    public void OnlineIsNotToldWhereItCannot()
    {
        _device.Put("sys/devices/system/cpu/cpu0/x", "\n");
        _device.Put("sys/devices/system/cpu/cpu1/online", "1\n");
        Assert.Empty(Others());
    }

    private Dictionary<string, double> Ask(string cpus)
    {
        _device.Put("proc/stat", "cpu  1 0 0 9 0 0 0 0 0 0\n" + cpus + "intr 5 0\nbtime 1\n");
        return _device.Ask("cpu")!.Samples;
    }

    /// <summary>What does not come from /proc/stat, sorted.</summary>
    private IEnumerable<string> Others() => _device.Ask("cpu")!.Samples
        .Where(sample => !sample.Key.Contains("seconds_total", StringComparison.Ordinal))
        .Select(sample => $"{sample.Key} {sample.Value}").Order(StringComparer.Ordinal);
}
