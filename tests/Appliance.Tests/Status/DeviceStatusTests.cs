using System;
using System.Collections.Generic;
using System.Text.Json;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public sealed class DeviceStatusTests : IDisposable
{
    private readonly FixtureDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void TheWholeDocumentIsAsPromised()
    {
        const string Expected = """
            {"hostname":"attic-router","kernel":"6.6.52-router","os":"Example OS 4 (\u0022attic\u0022)",
            "uptime_seconds":90061.07,"load":{"1m":0.31,"5m":0.12,"15m":10.05},"boot_time_unix_seconds":1700000000,
            "cpu":{"count":2,
            "total":{"user_seconds":3.00,"nice_seconds":0.04,"system_seconds":5.00,"idle_seconds":600.00,"iowait_seconds":0.70,
            "irq_seconds":0.08,"softirq_seconds":0.09,"steal_seconds":0.10,"guest_seconds":0.11,"guest_nice_seconds":0.12},
            "cpus":[
            {"cpu":0,"user_seconds":1.00,"nice_seconds":0.01,"system_seconds":2.00,"idle_seconds":300.00,"iowait_seconds":0.30,
            "irq_seconds":0.04,"softirq_seconds":0.04,"steal_seconds":0.05,"guest_seconds":0.11,"guest_nice_seconds":0.12},
            {"cpu":1,"user_seconds":2.00,"nice_seconds":0.03,"system_seconds":3.00,"idle_seconds":300.00,"iowait_seconds":0.40,
            "irq_seconds":0.04,"softirq_seconds":0.05,"steal_seconds":0.05,"guest_seconds":0.00,"guest_nice_seconds":0.00}]},
            "memory":{"total_bytes":255516672,"available_bytes":120836096,"free_bytes":31764480,"buffers_bytes":2097152,
            "cached_bytes":92274688,"swap_total_bytes":67108864,"swap_free_bytes":66560000},
            "temperatures":[
            {"chip":"boardsensor","sensor":"temp1","label":"Board","celsius":41.25},
            {"chip":"boardsensor","sensor":"temp3","celsius":-5.50},
            {"chip":"thermal","sensor":"thermal_zone0","label":"cpu-thermal","celsius":38.00}],
            "fans":[{"chip":"boardsensor","sensor":"fan1","revolutions_per_minute":1204}],
            "filesystems":[
            {"mountpoint":"/tmp","device":"tmpfs","type":"tmpfs","read_only":false,
            "size_bytes":4096000,"free_bytes":2048000,"available_bytes":1024000},
            {"mountpoint":"/overlay","device":"/dev/mtdblock5","type":"jffs2","read_only":true,
            "size_bytes":4096000,"free_bytes":2048000,"available_bytes":1024000},
            {"mountpoint":"/mnt/my disk","device":"/dev/sda1","type":"ext4","read_only":false,
            "size_bytes":4096000,"free_bytes":2048000,"available_bytes":1024000}],
            "disks":[{"name":"sda","read_bytes":1024000,"written_bytes":2048000,"reads":100,"writes":50}],
            "interfaces":[
            {"name":"lo","state":"unknown","mtu_bytes":65536,"address":"00:00:00:00:00:00",
            "receive":{"bytes":10,"packets":1,"errors":0,"dropped":0,"fifo_errors":0,"frame_errors":0,
            "compressed_packets":0,"multicast_packets":0},
            "transmit":{"bytes":10,"packets":1,"errors":0,"dropped":0,"fifo_errors":0,"collisions":0,"carrier_errors":0,
            "compressed_packets":0}},
            {"name":"eth0","state":"up","mtu_bytes":1500,"address":"02:00:5e:00:53:01","speed_mbps":1000,
            "receive":{"bytes":9007199254740993,"packets":2,"errors":3,"dropped":4,"fifo_errors":5,"frame_errors":6,
            "compressed_packets":7,"multicast_packets":8},
            "transmit":{"bytes":18446744073709551615,"packets":10,"errors":11,"dropped":12,"fifo_errors":13,"collisions":14,
            "carrier_errors":15,"compressed_packets":16}}],
            "unavailable":[]}
            """;
        Assert.Equal(Expected.Replace("\n", "", StringComparison.Ordinal), _device.Document());
    }

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
    public void AMissingSourceCostsItsPartAndNoOther(string path, string parts)
    {
        _device.Remove(path);
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(parts, Unavailable(document));
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
            "hostname kernel uptime_seconds load boot_time_unix_seconds cpu memory filesystems disks interfaces",
            Unavailable(document));
    }

    [Fact]
    public void ASystemWithoutOsReleaseIsNoFault()
    {
        _device.Remove("root/etc/os-release");
        using (JsonDocument document = JsonDocument.Parse(_device.Document()))
        {
            Assert.False(document.RootElement.TryGetProperty("os", out _));
            Assert.Equal("", Unavailable(document));
        }
        _device.Put("root/usr/lib/os-release", "PRETTY_NAME='From usr'\n");
        using (JsonDocument document = JsonDocument.Parse(_device.Document()))
            Assert.Equal("From usr", document.RootElement.GetProperty("os").GetString());
    }

    [Fact]
    public void OneFailingMountLeavesTheOthersUnharmed()
    {
        string text = _device.Document(path => path.EndsWith("/overlay", StringComparison.Ordinal)
            ? new FilesystemSize("Input/output error")
            : FixtureDevice.AnySize(path));
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement mounts = document.RootElement.GetProperty("filesystems");
        Assert.Equal("Input/output error", mounts[1].GetProperty("error").GetString());
        Assert.False(mounts[1].TryGetProperty("size_bytes", out _));
        Assert.Equal(4096000, mounts[2].GetProperty("size_bytes").GetInt64());
        Assert.Equal("", Unavailable(document));
    }

    [Fact]
    public void ABadLineOfAListIsNamedAndTheOthersStay()
    {
        _device.Put("proc/net/dev", "head\nhead\nlo: 1\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        _device.Put("proc/self/mountinfo", "rubbish\n21 20 8:1 / /mnt rw - ext4 /dev/sda1 rw\n");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal("filesystems interfaces", Unavailable(document));
        Assert.Equal(1, document.RootElement.GetProperty("filesystems").GetArrayLength());
        JsonElement only = Assert.Single(document.RootElement.GetProperty("interfaces").EnumerateArray());
        Assert.Equal("eth0", only.GetProperty("name").GetString());
        string reason = document.RootElement.GetProperty("unavailable")[1].GetProperty("reason").GetString()!;
        Assert.EndsWith("proc/net/dev line 3: not an interface with sixteen counters", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void HostileNamesBecomeValidJson()
    {
        _device.Put("proc/sys/kernel/hostname", "\u00ff<script>\"\u001b[31m\\\n");
        _device.Put("proc/net/dev", "head\nhead\n\u00e9\u00ff\"\\: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        _device.Put("proc/self/mountinfo", "21 20 8:1 / /\u00c3\\012\\000\\134\u00fe rw - e\u00ff \u00ff\" rw\n");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal("\ufffd<script>\"\u001b[31m\\", document.RootElement.GetProperty("hostname").GetString());
        Assert.Equal("\ufffd\ufffd\"\\", document.RootElement.GetProperty("interfaces")[0].GetProperty("name").GetString());
        JsonElement mount = document.RootElement.GetProperty("filesystems")[0];
        Assert.Equal("/\ufffd\n\0\\\ufffd", mount.GetProperty("mountpoint").GetString());
        Assert.Equal(FilesystemProbe.NotUtf8Error, mount.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("../net/eth0")]
    [InlineData("eth0/../eth0")]
    public void AnInterfaceNameNeverLeavesItsFolder(string name)
    {
        _device.Put("sys/class/operstate", "outside\n");
        _device.Put("sys/class/net/operstate", "outside\n");
        _device.Put("proc/net/dev", "head\nhead\n" + name + ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        JsonElement only = document.RootElement.GetProperty("interfaces")[0];
        Assert.Equal(name, only.GetProperty("name").GetString());
        Assert.False(only.TryGetProperty("state", out _));
    }

    private static string[] AllParts { get; } =
        ["hostname", "kernel", "uptime_seconds", "load", "boot_time_unix_seconds", "cpu", "memory", "temperatures",
         "fans", "filesystems", "disks", "interfaces"];

    private static string Unavailable(JsonDocument document)
    {
        List<string> parts = [];
        foreach (JsonElement entry in document.RootElement.GetProperty("unavailable").EnumerateArray())
            parts.Add(entry.GetProperty("part").GetString()!);
        return string.Join(' ', parts);
    }
}
