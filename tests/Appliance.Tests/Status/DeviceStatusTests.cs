using System;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>The document as promised, whatever the device has very much of or calls its parts.</summary>
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
            "fans":[{"chip":"boardsensor","sensor":"fan1","label":"Rear","revolutions_per_minute":1204}],
            "filesystems":[
            {"mountpoint":"/tmp","device":"tmpfs","type":"tmpfs","read_only":false,
            "size_bytes":4096000,"free_bytes":2048000,"available_bytes":1024000},
            {"mountpoint":"/overlay","device":"/dev/mtdblock5","type":"jffs2","read_only":true,
            "size_bytes":4096000,"free_bytes":2048000,"available_bytes":1024000},
            {"mountpoint":"/mnt/my disk","device":"/dev/sda1","type":"ext4","read_only":false,
            "size_bytes":4096000,"free_bytes":2048000,"available_bytes":1024000}],
            "disks":[{"name":"sda","read_bytes":1024000,"written_bytes":2048000,"reads":100,"writes":50}],
            "raid":[{"name":"md0","active":true,"size_bytes":1024000,"disks":{"required":2,"active":1,"failed":1,"spare":0},
            "activity":"recovery","synced_bytes":128000,"synced_percent":12.50}],
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
            "addresses":[
            {"address":"127.0.0.1","interface":"lo"},
            {"address":"192.0.2.7","prefix_length":24,"interface":"eth0"},
            {"address":"203.0.113.9"},
            {"address":"2001:db8::2","prefix_length":64,"interface":"eth0"}],
            "routes":[
            {"destination":"0.0.0.0/0","gateway":"192.0.2.254","interface":"eth0","metric":100},
            {"destination":"192.0.2.0/24","interface":"eth0","metric":0},
            {"destination":"2001:db8::/64","interface":"eth0","metric":256},
            {"destination":"::/0","gateway":"fe80::1","interface":"eth0","metric":1024}],
            "neighbours":[
            {"address":"192.0.2.254","interface":"eth0","hardware_address":"02:00:5e:00:53:fe","state":"complete"},
            {"address":"192.0.2.9","interface":"eth0","state":"incomplete"}],
            "dhcp_leases":[
            {"address":"192.0.2.50","hardware_address":"02:00:5e:00:53:07","hostname":"attic-laptop",
            "client_id":"01:02:00:5e:00:53:07","expires_unix_seconds":1700003600},
            {"address":"192.0.2.51","hardware_address":"02:00:5e:00:53:08"},
            {"address":"2001:db8::50","hostname":"attic-laptop","client_id":"00:01","expires_unix_seconds":1700003600}],
            "conntrack":{"entries":312,"limit":16384},
            "processes":{"count":2,"by_memory":[
            {"pid":42,"name":"a) b (c)","cpu_seconds":3.00,"resident_bytes":$300},
            {"pid":1,"name":"init","cpu_seconds":0.75,"resident_bytes":$100}]},
            "warnings":[
            {"level":"warning","uptime_seconds":1.50,"message":"eth0: link is slow"},
            {"level":"error","uptime_seconds":90000.12,"message":"sda: I/O  error"}],
            "unavailable":[]}
            """;
        string expected = Expected.Replace("\n", "", StringComparison.Ordinal)
            .Replace("$300", $"{300 * Environment.SystemPageSize}", StringComparison.Ordinal)
            .Replace("$100", $"{100 * Environment.SystemPageSize}", StringComparison.Ordinal);
        Assert.Equal(expected, _device.Document());
    }

    [Fact]
    public void ListsAreNoLongerThanTheSettingsSay()
    {
        StatusOptions few = new() { ListEntries = 1, TopProcesses = 1, ScannedProcesses = 1, Warnings = 1 };
        using JsonDocument document = JsonDocument.Parse(FixtureDevice.Write(_device.Status(options: few)));
        JsonElement root = document.RootElement;
        Assert.Equal("addresses routes routes neighbours dhcp_leases processes", FixtureDevice.Unavailable(document));
        foreach (string list in new[] { "neighbours", "dhcp_leases" })
            Assert.Equal(1, root.GetProperty(list).GetArrayLength());
        Assert.Equal(1, root.GetProperty("processes").GetProperty("by_memory").GetArrayLength());
        JsonElement warning = Assert.Single(root.GetProperty("warnings").EnumerateArray());
        Assert.Equal("error", warning.GetProperty("level").GetString());
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
        Assert.Equal("", FixtureDevice.Unavailable(document));
    }

    /// <summary>As under systemd's ProtectSystem=strict, where everything is read-only for the service and for nobody else.</summary>
    [Fact]
    public void MountsAreThoseOfTheDeviceAndNotOfTheServicesNamespace()
    {
        _device.Put("proc/1/mountinfo", "21 20 8:1 / /mnt rw - ext4 /dev/sda1 rw\n");
        _device.Put("proc/self/mountinfo", "21 20 8:1 / /mnt ro - ext4 /dev/sda1 rw\n22 20 8:1 /tmp /var/tmp rw - ext4 /dev/sda1 rw\n");
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        JsonElement only = Assert.Single(document.RootElement.GetProperty("filesystems").EnumerateArray());
        Assert.Equal("/mnt", only.GetProperty("mountpoint").GetString());
        Assert.False(only.GetProperty("read_only").GetBoolean());
    }

    [Fact]
    public void AFilesystemIsReadOnlyWhenTheTableOfMountsSaysSoWhateverThisServiceMayDo()
    {
        using FixtureDevice device = new();
        static bool[] ReadOnly(string document) =>
            [.. JsonDocument.Parse(document).RootElement.GetProperty("filesystems").EnumerateArray().Select(one => one.GetProperty("read_only").GetBoolean())];
        Assert.Equal([false, true], ReadOnly(device.Document())[..2]);
        Assert.Equal([false, true], ReadOnly(device.Document(_ => new FilesystemSize(3, 2, 1, isReadOnly: true)))[..2]);
    }

    [Fact]
    public void TablesOfARouterWithVeryManyRoutesHaveTheFirstOfThem()
    {
        using FixtureDevice device = new();
        StringBuilder routes = new("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"), trie = new("Main:\n");
        for (int i = 0; i < 30_000; i++)
        {
            routes.Append(CultureInfo.InvariantCulture, $"eth0\t{i:X4}000A\tFE0200C0\t0003\t0\t0\t0\tFFFFFFFF\t0\t0\t0{new string(' ', 60)}\n");
            trie.Append(CultureInfo.InvariantCulture, $"     |-- 10.0.{i / 256}.{i % 256}\n        /32 universe UNICAST\n");
        }
        routes.Append("eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"); // the network of the address, behind all of them
        trie.Append("     |-- 192.0.2.7\n        /32 host LOCAL\n");
        device.Put("proc/net/route", routes.ToString());
        device.Put("proc/net/fib_trie", trie.ToString());

        using JsonDocument document = JsonDocument.Parse(device.Document());
        Assert.Equal(1000 + 2, document.RootElement.GetProperty("routes").GetArrayLength()); // and two of IPv6
        JsonElement address = document.RootElement.GetProperty("addresses")[0];
        Assert.Equal("""{"address":"192.0.2.7","prefix_length":24,"interface":"eth0"}""", address.GetRawText());
        JsonElement missing = Assert.Single(document.RootElement.GetProperty("unavailable").EnumerateArray());
        Assert.EndsWith("net/route: more than 1000 entries, the first 1000 are here", missing.GetProperty("reason").GetString(), StringComparison.Ordinal);
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
}
