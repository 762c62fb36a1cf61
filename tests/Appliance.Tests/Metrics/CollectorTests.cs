using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Appliance.Metrics;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What collectors make of sources of our own, and of such as are damaged or missing.</summary>
public sealed class CollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    /// <summary>Collector, file, and a text that makes sense.</summary>
    public static TheoryData<string, string, string> Sources { get; } = new()
    {
        { "cpu", "proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nbtime 5\n" },
        { "loadavg", "proc/loadavg", "0.31 0.12 10.05 2/97 4012\n" },
        { "stat", "proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nbtime 5\n" },
        { "meminfo", "proc/meminfo", "MemTotal: 249528 kB\nHugePages_Total: 7\n" },
        { "vmstat", "proc/vmstat", "pgfault 12\npswpin 3\n" },
        { "diskstats", "proc/diskstats", "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n" },
        { "mdadm", "proc/mdstat", "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0]\n      17 blocks [2/2] [UU]\n" },
        { "filesystem", "proc/self/mountinfo", "20 1 31:5 / / rw - jffs2 /dev/mtdblock5 rw\n" },
        { "netdev", "proc/net/dev", "Inter-|\n face |\n lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n" },
        { "netstat", "proc/net/netstat", "TcpExt: ListenDrops\nTcpExt: 4\n" },
        { "netstat", "proc/net/snmp", "Tcp: InErrs\nTcp: 4\n" },
        { "netstat", "proc/net/snmp6", "Udp6InErrors   \t7\n" },
        { "sockstat", "proc/net/sockstat", "sockets: used 229\n" },
        { "sockstat", "proc/net/sockstat6", "TCP6: inuse 17\n" },
        { "softnet", "proc/net/softnet_stat", "00000001 00000002 00000003 00000000 00000000 00000000 00000000 00000000 00000004\n" },
        { "udp_queues", "proc/net/udp", "sl local rem st queues\n0: 00000000:0016 00000000:0000 0A 00000015:00000001 00:0\n" },
        { "conntrack", "proc/net/stat/nf_conntrack", "entries found invalid\n0000000a 0000000b 0000000c\n" },
        { "pressure", "proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781\n" },
        { "arp", "proc/net/arp", "IP address HW type\n192.0.2.1 0x1 0x2 02:00:5e:00:53:02 * eth0\n" },
        { "udp_queues", "proc/net/udp6", "sl local rem st queues\n0: 00000000:0016 00000000:0000 0A 00000015:00000001 00:0\n" },
    };

    /// <summary>What a kernel lacks that has no IPv4, no IPv6, or no statistics of its connections.</summary>
    private static readonly string[] Optional =
    [
        "proc/net/snmp6", "proc/net/sockstat", "proc/net/sockstat6", "proc/net/udp", "proc/net/udp6", "proc/net/stat/nf_conntrack",
    ];

    [Theory]
    [MemberData(nameof(Sources))]
    public void ATextThatStopsInMidLineIsNotBelieved(string collector, string path, string text)
    {
        PutSources();
        Assert.NotNull(_device.Ask(collector));
        for (int length = 1; length < text.Length; length++)
        {
            _device.Put(path, text[..length]);
            Exposition? answer = _device.Ask(collector);
            if (!text[..length].EndsWith('\n'))
                Assert.True(answer is null, $"{collector} believes \"{text[..length]}\"");
        }
        _device.Put(path, text);
        Assert.NotNull(_device.Ask(collector));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void NoTextMakesItThrowOrLeaveTheFormat(string collector, string path, string text)
    {
        PutSources();
        Random random = new(text.Length);
        for (int round = 0; round < 100; round++)
        {
            StringBuilder damaged = new(text);
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                damaged[random.Next(damaged.Length)] = " \n\t:-09xk\u00ff\0%"[random.Next(12)];
            _device.Put(path, damaged.ToString());
            _device.AskAll($"collect[]={collector}"); // parsing the answer is the assertion
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void AMissingFileIsAFaultOnlyWhereTheKernelAlwaysHasIt(string collector, string path, string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        PutSources();
        _device.Remove(path);
        Assert.Equal(Array.IndexOf(Optional, path) >= 0, _device.Ask(collector) is not null);
    }

    [Fact]
    public void UdpQueuesNeedIPv4OrIPv6()
    {
        const string Heading = "sl local rem st queues\n";
        Assert.Null(_device.Ask("udp_queues"));
        _device.Put("proc/net/udp6", Heading + "0: 0:1 0:0 0A 0000000f:000000ff 0\n1: 0:1 0:0 0A 00000001:00000001 0\n");
        Assert.Equal(
            new Dictionary<string, double> { ["node_udp_queues{ip=\"v6\",queue=\"tx\"}"] = 16, ["node_udp_queues{ip=\"v6\",queue=\"rx\"}"] = 256 },
            _device.Ask("udp_queues")!.Samples);
    }

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
    public void AConnectionTableWithoutStatisticsIsStillTold()
    {
        Assert.Null(_device.Ask("conntrack"));
        _device.Put("proc/sys/net/netfilter/nf_conntrack_count", "7\n");
        _device.Put("proc/sys/net/netfilter/nf_conntrack_max", "65536\n");
        Dictionary<string, double> samples = _device.Ask("conntrack")!.Samples;
        Assert.Equal((7, 65536, 2), (samples["node_nf_conntrack_entries"], samples["node_nf_conntrack_entries_limit"], samples.Count));
    }

    [Fact]
    public void ConnectionStatisticsAreSummedByTheNamesOfTheirColumns()
    {
        PutSources();
        _device.Put("proc/net/stat/nf_conntrack", "entries  clashres found new invalid\n07 00 0a 00 01\n07 00 0b 00 02\n");
        Dictionary<string, double> samples = _device.Ask("conntrack")!.Samples;
        Assert.Equal((21, 3, 0), (samples["node_nf_conntrack_stat_found"], samples["node_nf_conntrack_stat_invalid"], samples["node_nf_conntrack_stat_drop"]));
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
    public void NeighboursAreCountedByInterface()
    {
        const string Heading = "IP address       HW type     Flags       HW address            Mask     Device\n";
        _device.Put("proc/net/arp", Heading + "192.0.2.1 0x1 0x2 02:00:5e:00:53:01 * lan\n192.0.2.2 0x1 0x2 02:00:5e:00:53:02 * wan\n"
            + "192.0.2.3 0x1 0x0 00:00:00:00:00:00 * lan\n");
        Dictionary<string, double> expected = new() { ["node_arp_entries{device=\"lan\"}"] = 2, ["node_arp_entries{device=\"wan\"}"] = 1 };
        Assert.Equal(expected, _device.Ask("arp")!.Samples);
        Assert.Equal(expected, _device.Ask("arp")!.Samples);
        _device.Put("proc/net/arp", Heading);
        Assert.Empty(_device.Ask("arp")!.Samples);
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
    public void PacketsNobodyTookComeFromSysfs()
    {
        _device.Put("sys/class/net/eth0/statistics/rx_nohandler", "31\n");
        Dictionary<string, double> samples = _device.Ask("netdev")!.Samples;
        Assert.Equal(31, samples["node_network_receive_nohandler_total{device=\"eth0\"}"]);
        Assert.DoesNotContain("node_network_receive_nohandler_total{device=\"lo\"}", samples.Keys);
        Assert.Equal(9007199254740993, samples["node_network_receive_bytes_total{device=\"eth0\"}"]);
        Assert.Equal(33, samples.Count);
    }

    [Fact]
    public void VeryManySocketsAndNeighboursAreCounted()
    {
        StringBuilder sockets = new("  sl  local_address rem_address   st tx_queue rx_queue\n");
        StringBuilder neighbours = new("IP address       HW type     Flags       HW address            Mask     Device\n");
        for (int i = 0; i < 20_000; i++)
        {
            sockets.Append(CultureInfo.InvariantCulture, $"{i,5}: 00000000:0016 00000000:0000 07 00000001:00000002 00:00000000 00000000 0 0 {i} 2 0 0\n");
            neighbours.Append(CultureInfo.InvariantCulture, $"10.1.{i / 256}.{i % 256}         0x1         0x2         02:00:5e:00:53:01     *        eth0\n");
        }
        _device.Put("proc/net/udp", sockets.ToString());
        _device.Put("proc/net/arp", neighbours.ToString());
        for (int round = 0; round < 2; round++) // the second time from files that are open
        {
            Assert.Equal(20_000, _device.Ask("udp_queues")!.Samples["node_udp_queues{ip=\"v4\",queue=\"tx\"}"]);
            Assert.Equal(40_000, _device.Ask("udp_queues")!.Samples["node_udp_queues{ip=\"v4\",queue=\"rx\"}"]);
            Assert.Equal(20_000, _device.Ask("arp")!.Samples["node_arp_entries{device=\"eth0\"}"]);
        }
    }

    [Fact]
    public void InterfacesThatSwapTheirNamesHaveTheirOwnNumbers()
    {
        _device.Put("proc/net/dev", "Inter-|\n face |\n a: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n b: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        foreach ((string name, int number) in new[] { ("a", 1), ("b", 2) })
        {
            _device.Put($"sys/class/net/{name}/ifindex", $"{number}\n");
            _device.Put($"sys/class/net/{name}/mtu", $"{1000 * number}\n");
            _device.Put($"sys/class/net/{name}/statistics/rx_nohandler", $"{10 * number}\n");
        }
        AssertMtu(1000, 2000);
        foreach ((string from, string to) in new[] { ("a", "c"), ("b", "a"), ("c", "b") })
            Directory.Move(_device.InSys($"class/net/{from}"), _device.InSys($"class/net/{to}"));
        AssertMtu(2000, 1000);

        void AssertMtu(int a, int b)
        {
            Dictionary<string, double> samples = _device.Ask("netclass")!.Samples;
            Assert.Equal((a, b), (samples["node_network_mtu_bytes{device=\"a\"}"], samples["node_network_mtu_bytes{device=\"b\"}"]));
            samples = _device.Ask("netdev")!.Samples;
            Assert.Equal(
                (a / 100, b / 100),
                (samples["node_network_receive_nohandler_total{device=\"a\"}"], samples["node_network_receive_nohandler_total{device=\"b\"}"]));
        }
    }

    [Theory]
    [InlineData("zram0", true)]
    [InlineData("ram15", true)]
    [InlineData("loop7", true)]
    [InlineData("fd0", true)]
    [InlineData("sda1", true)]
    [InlineData("hdb12", true)]
    [InlineData("vdc3", true)]
    [InlineData("xvda1", true)]
    [InlineData("nvme0n1p2", true)]
    [InlineData("nvme10n12p2", true)]
    [InlineData("sda", false)]
    [InlineData("sdaa1", false)]
    [InlineData("nvme0n1", false)]
    [InlineData("nvme0c1n1", false)]
    [InlineData("nvmen1p2", false)]
    [InlineData("nvme0np2", false)]
    [InlineData("mmcblk0p1", false)]
    [InlineData("mtdblock5", false)]
    [InlineData("dm-0", false)]
    [InlineData("sr0", false)]
    [InlineData("md127", false)]
    public void PartitionsAndMemoryAreNoDisks(string name, bool isIgnored)
    {
        _device.Put("proc/diskstats", $"8 0 {name} 1 2 3 4 5 6 7 8 9 10 11\n");
        Assert.Equal(isIgnored ? 0 : 12, _device.Ask("diskstats")!.Samples.Count);
    }

    [Fact]
    public void ADiskIsDescribedByUdevAndSysfs()
    {
        _device.Put("proc/diskstats", "   8      16 sdb 1 2 3 4 5 6 7 8 9 1234 11 12 13 14 15 16 17\n");
        _device.Put("sys/block/sdb/queue/rotational", "1\n");
        _device.Put(
            "root/run/udev/data/b8:16",
            "S:disk/by-id/x\nE:XID_MODEL=wrong\nE:ID_MODEL=Disk \"7\"\nE:ID_SERIAL=long\nE:ID_SERIAL_SHORT=short\n"
            + "E:ID_ATA=1\nE:ID_ATA_WRITE_CACHE=1\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=u");
        Dictionary<string, double> samples = _device.Ask("diskstats")!.Samples;
        Assert.Equal(1.234, samples["node_disk_io_time_seconds_total{device=\"sdb\"}"]);
        Assert.Equal(1536, samples["node_disk_read_bytes_total{device=\"sdb\"}"]);
        Assert.Equal(0.017, samples["node_disk_flush_requests_time_seconds_total{device=\"sdb\"}"]);
        Assert.Contains(
            "node_disk_info{device=\"sdb\",major=\"8\",minor=\"16\",model=\"Disk \\\"7\\\"\",path=\"\",revision=\"\",rotational=\"1\","
            + "serial=\"short\",wwn=\"\"}",
            samples.Keys);
        Assert.Contains("node_disk_filesystem_info{device=\"sdb\",type=\"ext4\",usage=\"\",uuid=\"u\",version=\"\"}", samples.Keys);
        Assert.Equal(1, samples["node_disk_ata_write_cache{device=\"sdb\"}"]);
        Assert.DoesNotContain("node_disk_ata_rotation_rate_rpm{device=\"sdb\"}", samples.Keys);
    }

    [Fact]
    public void ADiskThatIsGoneLeavesNothingAndAnotherOfItsNameIsAskedAnew()
    {
        const string Line = " sdb 1 2 3 4 5 6 7 8 9 10 11\n";
        _device.Put("proc/diskstats", "8 16" + Line);
        _device.Put("root/run/udev/data/b8:16", "E:ID_MODEL=old\n");
        _device.Put("root/run/udev/data/b8:32", "E:ID_MODEL=new\n");
        Assert.Contains(_device.Ask("diskstats")!.Samples.Keys, key => key.Contains("model=\"old\"", StringComparison.Ordinal));
        _device.Put("proc/diskstats", "8 32" + Line);
        Assert.Contains(_device.Ask("diskstats")!.Samples.Keys, key => key.Contains("model=\"new\"", StringComparison.Ordinal));
        _device.Put("proc/diskstats", "8 0" + Line.Replace("sdb", "sda", StringComparison.Ordinal));
        Assert.All(_device.Ask("diskstats")!.Samples.Keys, key => Assert.Contains("device=\"sda\"", key, StringComparison.Ordinal));
    }

    [Fact]
    public void AnInterfaceTellsWhatItHas()
    {
        _device.Put("sys/class/net/bonding_masters", "bond0\n");
        _device.Put("sys/class/net/eth0/ifindex", "2\n");
        _device.Put("sys/class/net/eth0/flags", "0x1003\n");
        _device.Put("sys/class/net/eth0/ifalias", "the \"uplink\"\n");
        _device.Put("sys/class/net/lo/ifindex", "1\n");
        _device.Put("sys/class/net/lo/speed", "-1\n");
        Dictionary<string, double> samples = _device.Ask("netclass")!.Samples;
        Assert.Contains(
            "node_network_info{address=\"02:00:5e:00:53:01\",adminstate=\"up\",broadcast=\"\",device=\"eth0\",duplex=\"\","
            + "ifalias=\"the \\\"uplink\\\"\",operstate=\"up\"}",
            samples.Keys);
        Assert.Equal(1, samples["node_network_up{device=\"eth0\"}"]);
        Assert.Equal(0, samples["node_network_up{device=\"lo\"}"]);
        Assert.Equal(4099, samples["node_network_flags{device=\"eth0\"}"]);
        Assert.Equal(125_000_000, samples["node_network_speed_bytes{device=\"eth0\"}"]);
        Assert.DoesNotContain("node_network_speed_bytes{device=\"lo\"}", samples.Keys);
        Assert.DoesNotContain(samples.Keys, key => key.Contains("bonding_masters", StringComparison.Ordinal));
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

    [Fact]
    public void CollectorsOfDevicesThatComeAndGoKeepTheRest()
    {
        for (int round = 0; round < 3; round++)
        {
            string second = round.ToString(CultureInfo.InvariantCulture);
            _device.Put("proc/net/dev", $"Inter-|\n face |\n lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
                + $" ppp{second}: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
            Dictionary<string, double> samples = _device.Ask("netdev")!.Samples;
            Assert.Equal(32, samples.Count);
            Assert.Contains($"node_network_receive_bytes_total{{device=\"ppp{second}\"}}", samples.Keys);
        }
    }

    private void PutSources()
    {
        _device.Put("proc/sys/net/netfilter/nf_conntrack_count", "7\n");
        _device.Put("proc/sys/net/netfilter/nf_conntrack_max", "8\n");
        foreach (object[] source in Sources)
            _device.Put((string)source[1], (string)source[2]);
    }
}
