using System;
using System.IO;
using Appliance.Metrics;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What is not read at every scrape, as it hardly ever changes, and what is.</summary>
public sealed class RareLookTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void ItIsDueAtFirstAndWhenItIsToBeRepeated()
    {
        RareLook look = default;
        Assert.True(look.IsDue);
        Assert.True(look.IsDue); // nothing was found
        look.Done();
        Assert.False(look.IsDue);
        look.Repeat();
        Assert.True(look.IsDue);
    }

    [Fact]
    public void WhatUdevSaysOfADiskIsReadOnce()
    {
        _device.Put("proc/diskstats", "8 16 sdb 1 2 3 4 5 6 7 8 9 10 11\n");
        _device.Put("root/run/udev/data/b8:16", "E:ID_MODEL=first\n");
        Assert.Contains("model=\"first\"", _device.Text("collect[]=diskstats", ExpositionFormat.PrometheusText), StringComparison.Ordinal);
        _device.Put("root/run/udev/data/b8:16", "E:ID_MODEL=other\n");
        Assert.Contains("model=\"first\"", _device.Text("collect[]=diskstats", ExpositionFormat.PrometheusText), StringComparison.Ordinal);
    }

    [Fact]
    public void AGovernorThatComesLaterIsNotSeenAtOnceAndOneThatIsThereIsReadEachTime()
    {
        _device.Put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
        _device.Put("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1\n");
        _device.Put("sys/devices/system/cpu/cpu1/online", "1\n");
        Assert.Equal([1000], _device.Ask("cpufreq")!.Samples.Values);
        _device.Put("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2\n");
        _device.Put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
        _device.Put("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "1\n");
        Assert.Equal([2000], _device.Ask("cpufreq")!.Samples.Values);
    }

    [Fact]
    public void AnEmptyFolderIsNotListedEachTimeAndOneWithDevicesIs()
    {
        Directory.CreateDirectory(_device.InSys("class/thermal"));
        for (int round = 0; round < 3; round++)
            Assert.Empty(_device.Ask("thermal_zone")!.Samples);
        _device.Put("sys/class/thermal/thermal_zone0/temp", "1000\n");
        Assert.Empty(_device.Ask("thermal_zone")!.Samples);

        using Scraped other = new();
        for (int zone = 0; zone < 3; zone++)
        {
            other.Put($"sys/class/thermal/thermal_zone{zone}/temp", "1000\n");
            Assert.Equal(zone + 1, other.Ask("thermal_zone")!.Samples.Count);
        }
        Directory.Delete(other.InSys("class/thermal/thermal_zone1"), recursive: true);
        Assert.Equal(2, other.Ask("thermal_zone")!.Samples.Count);
    }
}
