using System;
using System.Collections.Generic;
using System.IO;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class HardwareMonitorCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData("temp1_input", "41500", "temp_celsius", "temp1", 41.5)]
    [InlineData("temp2_input", "-3000", "temp_celsius", "temp2", -3)]
    [InlineData("temp1_crit", "100000", "temp_crit_celsius", "temp1", 100)]
    [InlineData("temp1_type", "4", "temp_type", "temp1", 4)]
    [InlineData("temp1_fault", "1", "temp_fault", "temp1", 1)]
    [InlineData("fan1_input", "1200", "fan_rpm", "fan1", 1200)]
    [InlineData("fan1_pulses", "2", "fan_pulses", "fan1", 2)]
    [InlineData("in0_input", "12060", "in_volts", "in0", 12.06)]
    [InlineData("in10_max", "13000", "in_max_volts", "in10", 13)]
    [InlineData("in0_beep", "1", "in_beep_enabled", "in0", 1)]
    [InlineData("curr1_input", "1500", "curr_amps", "curr1", 1.5)]
    [InlineData("power1_average", "7500000", "power_average_watt", "power1", 7.5)]
    [InlineData("power1_accuracy", "50000", "power_accuracy", "power1", 0.05)]
    [InlineData("power1_average_interval", "2000", "power_average_interval_seconds", "power1", 2)]
    [InlineData("energy1_input", "3600000", "energy_joule_total", "energy1", 3.6)]
    [InlineData("humidity1_input", "45000", "humidity", "humidity1", 0.045)]
    [InlineData("pwm1", "128", "pwm", "pwm1", 128)]
    [InlineData("pwm1_auto_point2_temp", "60", "pwm_auto_point2_temp", "pwm1", 60)]
    [InlineData("intrusion0_alarm", "1", "intrusion_alarm", "intrusion0", 1)]
    [InlineData("beep_enable", "1", "beep_enabled", "beep_enable0", 1)]
    [InlineData("update_interval", "1500", "update_interval_seconds", "update_interval0", 1.5)]
    [InlineData("vrm", "90", "voltage_regulator_version", "vrm0", 90)]
    public void EachKindOfSensorHasItsNameAndUnit(string file, string text, string family, string sensor, double value)
    {
        _device.Put($"sys/class/hwmon/hwmon0/{file}", $"{text}\n");
        Exposition answer = _device.Ask("hwmon")!;
        Assert.Equal(
            new Dictionary<string, double> { [$"node_hwmon_{family}{{chip=\"hwmon0\",sensor=\"{sensor}\"}}"] = value }, answer.Samples);
        Assert.Equal(file.StartsWith("energy", StringComparison.Ordinal) ? "counter" : "gauge", answer.Types[$"node_hwmon_{family}"]);
    }

    [Theory]
    [InlineData("name2", "5")]
    [InlineData("temp1x", "5")]
    [InlineData("temp1_", "5")]
    [InlineData("temperature1_input", "5")]
    [InlineData("1temp", "5")]
    [InlineData("uevent", "5")]
    [InlineData("temp1_input", "warm")]
    [InlineData("temp1_input", "")]
    [InlineData("temp1_input", "41500 x")]
    [InlineData("freq1_input", "1000000")] // without a label nobody knows of what
    public void WhatIsNoSensorOrNoNumberIsLeftOut(string file, string text)
    {
        _device.Put($"sys/class/hwmon/hwmon0/{file}", $"{text}\n");
        Assert.Empty(_device.Ask("hwmon")!.Samples);
    }

    [Fact]
    public void TheInputOfASensorWithABareFileKeepsItsName()
    {
        _device.Put("sys/class/hwmon/hwmon0/fan1", "7\n");
        _device.Put("sys/class/hwmon/hwmon0/fan1_input", "900\n");
        Assert.Equal(
            ["node_hwmon_fan{chip=\"hwmon0\",sensor=\"fan1\"}", "node_hwmon_fan_input_rpm{chip=\"hwmon0\",sensor=\"fan1\"}"],
            _device.Ask("hwmon")!.Samples.Keys);
    }

    [Fact]
    public void LabelsTellWhatIsMeasuredAndNameFrequencies()
    {
        _device.Put("sys/class/hwmon/hwmon0/temp1_label", "Core \"0\"\n");
        _device.Put("sys/class/hwmon/hwmon0/freq1_label", "Shader-Clock\n");
        _device.Put("sys/class/hwmon/hwmon0/freq1_input", "214500000\n");
        Dictionary<string, double> samples = _device.Ask("hwmon")!.Samples;
        Assert.Contains("node_hwmon_sensor_label{chip=\"hwmon0\",label=\"Core \\\"0\\\"\",sensor=\"temp1\"}", samples.Keys);
        Assert.Equal(214.5, samples["node_hwmon_freq_freq_mhz{chip=\"hwmon0\",sensor=\"shader_clock\"}"]);
    }

    [Fact]
    public void AChipIsCalledAfterItsDeviceOrElseItsDriver()
    {
        _device.Put("sys/class/hwmon/hwmon0/name", "CoreTemp\n");
        _device.Put("sys/class/hwmon/hwmon0/temp1_input", "1000\n");
        _device.Put("sys/class/hwmon/hwmon0/device/temp2_input", "2000\n");
        _device.Put("sys/class/hwmon/hwmon1/name", "nct-6775\n");
        _device.Put("sys/class/hwmon/hwmon1/temp1_input", "3000\n");
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["node_hwmon_chip_names{chip=\"hwmon0_device\",chip_name=\"coretemp\"}"] = 1,
                ["node_hwmon_chip_names{chip=\"nct_6775\",chip_name=\"nct_6775\"}"] = 1,
                ["node_hwmon_temp_celsius{chip=\"hwmon0_device\",sensor=\"temp1\"}"] = 1,
                ["node_hwmon_temp_celsius{chip=\"hwmon0_device\",sensor=\"temp2\"}"] = 2,
                ["node_hwmon_temp_celsius{chip=\"nct_6775\",sensor=\"temp1\"}"] = 3,
            },
            _device.Ask("hwmon")!.Samples);
    }

    [Fact]
    public void ChipsThatComeGoAndChangePlacesAreFoundAgain()
    {
        PutChip(0, "one");
        PutChip(1, "two");
        Assert.Equal(0, _device.Ask("hwmon")!.Samples["node_hwmon_temp_celsius{chip=\"one\",sensor=\"temp1\"}"]);

        PutChip(0, "three");
        PutChip(2, "two"); // a second one of the same driver
        Dictionary<string, double> samples = _device.Ask("hwmon")!.Samples;
        Assert.Equal(0, samples["node_hwmon_temp_celsius{chip=\"three\",sensor=\"temp1\"}"]);
        Assert.Equal(1, samples["node_hwmon_temp_celsius{chip=\"two_hwmon1\",sensor=\"temp1\"}"]);
        Assert.Equal(2, samples["node_hwmon_temp_celsius{chip=\"two_hwmon2\",sensor=\"temp1\"}"]);
        Assert.Equal(6, samples.Count);
    }

    [Fact]
    public void ANumberThatAnotherDeviceOfTheSameDriverGotHasItsName()
    {
        string link = _device.InRoot("../sys/class/hwmon/hwmon7/device");
        PutChip(7, "nvme");
        foreach (string disk in new[] { "nvme0", "nvme1" })
        {
            _device.Put($"sys/devices/nvme/{disk}/state", "live\n");
            File.Delete(link);
            File.CreateSymbolicLink(link, $"../../../devices/nvme/{disk}");
            Assert.Contains($"node_hwmon_temp_celsius{{chip=\"nvme_{disk}\",sensor=\"temp1\"}}", _device.Ask("hwmon")!.Samples.Keys);
        }
    }

    [Fact]
    public void ASensorThatFailsLeavesTheOthers()
    {
        _device.Put("sys/class/hwmon/hwmon0/temp1_input/x", "a folder, which cannot be read\n");
        _device.Put("sys/class/hwmon/hwmon0/temp2_input", "2000\n");
        Assert.Equal(["node_hwmon_temp_celsius{chip=\"hwmon0\",sensor=\"temp2\"}"], _device.Ask("hwmon")!.Samples.Keys);
    }

    [Fact]
    public void WithoutTheFolderItFails() => Assert.Null(_device.Ask("hwmon"));

    private void PutChip(int number, string driver)
    {
        _device.Put($"sys/class/hwmon/hwmon{number}/name", $"{driver}\n");
        _device.Put($"sys/class/hwmon/hwmon{number}/temp1_input", $"{number}000\n");
    }
}
