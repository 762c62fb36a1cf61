using System;
using System.Collections.Generic;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class CpuFrequencyCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void FrequenciesAreHertzOfEachCpu()
    {
        Put(0, "scaling_governor", "ondemand");
        Put(0, "cpuinfo_cur_freq", "1200000");
        Put(0, "cpuinfo_avg_freq", "1100000");
        Put(0, "cpuinfo_min_freq", "200000");
        Put(0, "cpuinfo_max_freq", "1800000");
        Put(0, "scaling_cur_freq", "1250000");
        Put(0, "scaling_min_freq", "300000");
        Put(10, "scaling_governor", "ondemand");
        Put(10, "scaling_max_freq", "4294967296");
        Assert.Equal(
            new SortedDictionary<string, double>
            {
                ["node_cpu_frequency_hertz{cpu=\"0\"}"] = 1.2e9,
                ["node_cpu_frequency_avg_hertz{cpu=\"0\"}"] = 1.1e9,
                ["node_cpu_frequency_min_hertz{cpu=\"0\"}"] = 2e8,
                ["node_cpu_frequency_max_hertz{cpu=\"0\"}"] = 1.8e9,
                ["node_cpu_scaling_frequency_hertz{cpu=\"0\"}"] = 1.25e9,
                ["node_cpu_scaling_frequency_min_hertz{cpu=\"0\"}"] = 3e8,
                ["node_cpu_scaling_frequency_max_hertz{cpu=\"10\"}"] = 4294967296000,
            },
            Ask());
    }

    [Fact]
    public void OneOfTheGovernorsDecides()
    {
        Put(0, "scaling_available_governors", "powersave performance ");
        Put(0, "scaling_governor", "performance");
        Assert.Equal(
            new SortedDictionary<string, double>
            {
                ["node_cpu_scaling_governor{cpu=\"0\",governor=\"performance\"}"] = 1,
                ["node_cpu_scaling_governor{cpu=\"0\",governor=\"powersave\"}"] = 0,
            },
            Ask());
    }

    [Fact]
    public void WhatCannotBeReadIsAbsent()
    {
        Put(0, "scaling_governor", "performance");
        Put(0, "cpuinfo_cur_freq", "<unknown>");
        Put(0, "scaling_cur_freq", "");
        Put(0, "scaling_min_freq", "300000");
        Put(1, "scaling_min_freq", "300000"); // without a governor it takes no part
        _device.Put("sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "performance\n");
        Assert.Equal(["node_cpu_scaling_frequency_min_hertz{cpu=\"0\"}"], Ask().Keys);
    }

    [Fact]
    public void WithoutTheFolderItFails() => Assert.Null(_device.Ask("cpufreq"));

    private void Put(int cpu, string attribute, string text) => _device.Put($"sys/devices/system/cpu/cpu{cpu}/cpufreq/{attribute}", $"{text}\n");

    private SortedDictionary<string, double> Ask() => new(_device.Ask("cpufreq")!.Samples);
}
