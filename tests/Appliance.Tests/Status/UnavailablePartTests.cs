using System;
using System.Text.Json;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>What a source that is missing or damaged costs, and what the document says of that.</summary>
public sealed class UnavailablePartTests : IDisposable
{
    private readonly FixtureDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData("proc/sys/kernel/hostname", "hostname")]
    [InlineData("proc/sys/kernel/osrelease", "kernel")]
    [InlineData("proc/uptime", "uptime_seconds")]
    [InlineData("proc/loadavg", "load")]
    [InlineData("proc/stat", "boot_time_unix_seconds cpu")]
    [InlineData("proc/meminfo", "memory")]
    [InlineData("proc/self/mountinfo", "filesystems")]
    [InlineData("proc/diskstats", "disks")]
    [InlineData("proc/net/dev", "interfaces")]
    [InlineData("proc/net/arp", "neighbours")]
    [InlineData("root/dev/kmsg", "warnings")]
    public void AMissingSourceCostsItsPartAndNoOther(string path, string parts)
    {
        _device.Remove(path);
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(parts, FixtureDevice.Unavailable(document));
        foreach (JsonElement entry in document.RootElement.GetProperty("unavailable").EnumerateArray())
        {
            string reason = entry.GetProperty("reason").GetString()!;
            Assert.EndsWith(path + ": No such file or directory", reason, StringComparison.Ordinal);
        }
        foreach (string part in AllParts)
            Assert.Equal(!parts.Split(' ').AsSpan().Contains(part), document.RootElement.TryGetProperty(part, out _));
    }

    [Fact]
    public void ADeviceWithoutAnySourceStillAnswers()
    {
        foreach ((string path, _) in FixtureDevice.RouterFiles)
            _device.Remove(path);
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(
            "hostname kernel uptime_seconds load boot_time_unix_seconds cpu memory filesystems disks interfaces neighbours warnings",
            FixtureDevice.Unavailable(document));
    }

    [Theory]
    [InlineData("proc/mdstat", "raid")]
    [InlineData("root/var/lib/misc/dnsmasq.leases", "dhcp_leases")]
    [InlineData("proc/sys/net/netfilter/nf_conntrack_count", "conntrack")]
    public void WhatADeviceNeedNotHaveIsAbsentWithoutComplaint(string path, string part)
    {
        _device.Remove(path);
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.False(document.RootElement.TryGetProperty(part, out _));
        Assert.Equal("", FixtureDevice.Unavailable(document));
    }

    [Fact]
    public void AKernelWithoutIPv6HasTheRestOfAddressesAndRoutes()
    {
        _device.Remove("proc/net/if_inet6");
        _device.Remove("proc/net/ipv6_route");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(3, document.RootElement.GetProperty("addresses").GetArrayLength());
        Assert.Equal(2, document.RootElement.GetProperty("routes").GetArrayLength());
        Assert.Equal("", FixtureDevice.Unavailable(document));
    }

    [Theory]
    [InlineData("proc/mdstat", "md0 : active raid1 sda1[0]\n      nonsense\n", "raid")]
    [InlineData("proc/net/route", "heading\neth0 zz\n", "routes")]
    [InlineData("proc/net/ipv6_route", "2001 40\n", "routes")]
    [InlineData("proc/net/if_inet6", "20010db8000000000000000000000002 02 40 00", "addresses")]
    [InlineData("proc/net/if_inet6", "20010db8000000000000000000000002 02 90 00 80 eth0\n", "addresses")]
    [InlineData("proc/net/arp", "heading\n192.0.2.254 0x1\n", "neighbours")]
    [InlineData("root/var/lib/misc/dnsmasq.leases", "soon 02:00:5e:00:53:07 192.0.2.50 a *\n", "dhcp_leases")]
    [InlineData("proc/diskstats", "8 0 sda 1 2\n", "disks")]
    public void ADamagedSourceIsNamedAndTheOthersStay(string path, string text, string part)
    {
        _device.Put(path, text);
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(part, FixtureDevice.Unavailable(document));
        foreach (string other in AllParts)
            Assert.True(document.RootElement.TryGetProperty(other, out _), other);
    }

    [Fact]
    public void ABadLineOfAListIsNamedAndTheOthersStay()
    {
        _device.Put("proc/net/dev", "head\nhead\nlo: 1\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        _device.Put("proc/self/mountinfo", "rubbish\n21 20 8:1 / /mnt rw - ext4 /dev/sda1 rw\n");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal("filesystems interfaces", FixtureDevice.Unavailable(document));
        Assert.Equal(1, document.RootElement.GetProperty("filesystems").GetArrayLength());
        JsonElement only = Assert.Single(document.RootElement.GetProperty("interfaces").EnumerateArray());
        Assert.Equal("eth0", only.GetProperty("name").GetString());
        string reason = document.RootElement.GetProperty("unavailable")[1].GetProperty("reason").GetString()!;
        Assert.EndsWith("proc/net/dev line 3: not an interface with sixteen counters", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AProcessThatMakesNoSenseIsNotCounted()
    {
        _device.Put("proc/42/stat", "42 (cut");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(1, document.RootElement.GetProperty("processes").GetProperty("count").GetInt32());
    }

    [Fact]
    public void ProcessesThatAreHiddenAreNotPassedOverInSilence()
    {
        _device.Remove("proc/1");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(1, document.RootElement.GetProperty("processes").GetProperty("count").GetInt32());
        Assert.Equal("processes", FixtureDevice.Unavailable(document));
        Assert.Contains("hidepid", document.RootElement.GetProperty("unavailable")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ASystemWithoutOsReleaseIsNoFault()
    {
        _device.Remove("root/etc/os-release");
        using (JsonDocument document = JsonDocument.Parse(_device.Document()))
        {
            Assert.False(document.RootElement.TryGetProperty("os", out _));
            Assert.Equal("", FixtureDevice.Unavailable(document));
        }
        _device.Put("root/usr/lib/os-release", "PRETTY_NAME='From usr'\n");
        using (JsonDocument document = JsonDocument.Parse(_device.Document()))
            Assert.Equal("From usr", document.RootElement.GetProperty("os").GetString());
    }

    private static string[] AllParts { get; } =
        ["hostname", "kernel", "uptime_seconds", "load", "boot_time_unix_seconds", "cpu", "memory", "temperatures",
         "fans", "filesystems", "disks", "raid", "interfaces", "addresses", "routes", "neighbours", "dhcp_leases", "conntrack", "processes",
         "warnings"];
}
