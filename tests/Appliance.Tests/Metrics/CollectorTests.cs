using System;
using System.Collections.Generic;
using Appliance.Metrics;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What collectors make of sources of our own, and that a scrape of them all allocates next to nothing.</summary>
public sealed class CollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void MemoryFieldsAreBytesWhereTheyHaveAUnit()
    {
        _device.Put("proc/meminfo", "MemTotal:  4 kB\nActive(anon):  5 kB\nHugePages_Free:  6\nNew-Field:  7 kB\n");
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["node_memory_MemTotal_bytes"] = 4096,
                ["node_memory_Active_anon_bytes"] = 5120,
                ["node_memory_HugePages_Free"] = 6,
                ["node_memory_New_Field_bytes"] = 7168,
            },
            _device.Ask("meminfo")!.Samples);
        _device.Put("proc/meminfo", "MemTotal:  4 MB\n");
        Assert.Null(_device.Ask("meminfo"));
    }

    [Fact]
    public void AKernelWithoutPressureOrWithSomeOfIt()
    {
        using Scraped fresh = new();
        Assert.Null(fresh.Ask("pressure"));
        _device.Put("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781\n");
        Assert.Equal(14.036781, Assert.Single(_device.Ask("pressure")!.Samples).Value);
        _device.Put("proc/pressure/io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
        Assert.Null(_device.Ask("pressure")); // half a file
    }

    [Fact]
    public void TheInstalledSystemIsTold()
    {
        _device.Put("root/etc/os-release", "ID=attic\nNAME='Attic OS'\nVERSION_ID=\"4.07.2\"\nSUPPORT_END=2030-02-28\nXID=no\n");
        Dictionary<string, double> samples = _device.Ask("os")!.Samples;
        Assert.Equal(4.07, samples["node_os_version{id=\"attic\",id_like=\"\",name=\"Attic OS\"}"]);
        Assert.Equal(1898467200, samples["node_os_support_end_timestamp_seconds"]);
        Assert.Equal(3, samples.Count);
        _device.Remove("root/etc/os-release");
        Assert.Equal(samples, _device.Ask("os")!.Samples); // looked at once a minute
    }

    [Fact]
    public void AnInstalledSystemThatSaysLittleIsTold()
    {
        _device.Remove("root/etc/os-release");
        Assert.Null(_device.Ask("os"));
        _device.Put("root/usr/lib/os-release", "ID=rolling\nSUPPORT_END=2030-02-30");
        Assert.Equal(1, Assert.Single(_device.Ask("os")!.Samples).Value);
    }

    [Fact]
    public void TheKernelsNameHasAllItsParts()
    {
        Assert.Null(_device.Ask("uname"));
        foreach ((string file, string text) in new[] { ("ostype", "Linux"), ("version", "#1 SMP"), ("domainname", "(none)") })
            _device.Put($"proc/sys/kernel/{file}", text + "\n");
        Assert.Matches(
            "^node_uname_info\\{domainname=\"\\(none\\)\",machine=\"[a-z0-9_]+\",nodename=\"attic-router\",release=\"6.6.52-router\","
            + "sysname=\"Linux\",version=\"#1 SMP\"\\}$",
            Assert.Single(_device.Ask("uname")!.Samples).Key);
    }

    [Fact]
    public void TheClockIsTold()
    {
        Dictionary<string, double> samples = _device.Ask("time")!.Samples;
        Assert.InRange(samples["node_time_seconds"], 1.7e9, 1e11);
        (string zone, double offset) = Assert.Single(samples, sample => sample.Key.StartsWith("node_time_zone", StringComparison.Ordinal));
        Assert.Matches("^node_time_zone_offset_seconds\\{time_zone=\"[^\"]+\"\\}$", zone);
        Assert.InRange(offset, -14 * 3600, 14 * 3600);
    }

    [Fact]
    public void AZoneWithoutATemperatureIsAbsent()
    {
        using (Scraped without = new())
            Assert.Null(without.Ask("thermal_zone"));
        _device.Put("sys/class/thermal/thermal_zone0/type", "cpu\n");
        _device.Put("sys/class/thermal/thermal_zone0/temp", "-1500\n");
        _device.Put("sys/class/thermal/thermal_zone1/type", "wifi\n");
        _device.Put("sys/class/thermal/cooling_device12/type", "fan\n");
        _device.Put("sys/class/thermal/cooling_device12/cur_state", "2\n");
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["node_thermal_zone_temp{type=\"cpu\",zone=\"0\"}"] = -1.5,
                ["node_cooling_device_cur_state{name=\"12\",type=\"fan\"}"] = 2,
            },
            _device.Ask("thermal_zone")!.Samples);
    }

    [Fact]
    public void AWarmScrapeOfThisMachineAllocatesNextToNothing()
    {
        StatusRoots roots = new();
        FilesystemProbe probe = new(roots, FilesystemSize.Ask, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        IReadOnlyList<Collectors.Entry> collectors = Collectors.Table(new SourceFiles(roots), probe);
        Scrape scrape = new(collectors, TimeSpan.FromMinutes(1), log: null);
        ExpositionWriter writer = new();
        long least = long.MaxValue; // what the JIT allocates meanwhile is not the collectors'
        for (int round = 0; round < 60; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            scrape.Run(writer, ExpositionFormat.PrometheusText, default);
            foreach (Collectors.Entry entry in collectors) // a scrape has them run on a thread of its own
                entry.Collector.Collect(writer);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.InRange(writer.Written.Length, 5_000, 10_000_000);
        Assert.InRange(least, 0, 16 * 1024); // the sizes of the mounts, some dozens of them at most
    }
}
