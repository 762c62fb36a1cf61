using System;
using System.Collections.Generic;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class PowerSupplyCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData("capacity", "81", "capacity", 81)]
    [InlineData("cycle_count", "12", "cyclecount", 12)]
    [InlineData("time_to_empty_now", "3600", "time_to_empty_seconds", 3600)]
    [InlineData("current_now", "-1500000", "current_ampere", -1.5)]
    [InlineData("energy_now", "36580000", "energy_watthour", 36.58)]
    [InlineData("voltage_now", "12060000", "voltage_volt", 12.06)]
    [InlineData("power_now", "5002000", "power_watt", 5.002)]
    [InlineData("charge_full_design", "4400000", "charge_full_design", 4.4)]
    [InlineData("temp", "-35", "temp_celsius", -3.5)]
    public void EachAttributeHasItsNameAndUnit(string attribute, string text, string family, double value)
    {
        Put("UPS", attribute, text);
        Assert.Equal(value, Ask()[$"node_power_supply_{family}{{power_supply=\"UPS\"}}"]);
    }

    [Fact]
    public void WhatItDoesNotHaveOrCannotTellIsAbsent()
    {
        Put("BAT0", "type", "Battery");
        Put("BAT0", "model_name", "A \"good\" one\\");
        Put("BAT0", "serial_number", " ");
        Put("BAT0", "capacity", "much");
        Put("BAT0", "power/async", "disabled");
        Put("AC", "online", "0");
        Assert.Equal(
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["node_power_supply_info{model_name=\"A \\\"good\\\" one\\\\\",power_supply=\"BAT0\",type=\"Battery\"}"] = 1,
                ["node_power_supply_info{power_supply=\"AC\"}"] = 1,
                ["node_power_supply_online{power_supply=\"AC\"}"] = 0,
            },
            Ask());
    }

    [Fact]
    public void WithoutTheFolderItFails() => Assert.Null(_device.Ask("powersupplyclass"));

    private void Put(string supply, string attribute, string text) => _device.Put($"sys/class/power_supply/{supply}/{attribute}", $"{text}\n");

    private SortedDictionary<string, double> Ask() => new(_device.Ask("powersupplyclass")!.Samples, StringComparer.Ordinal);
}
