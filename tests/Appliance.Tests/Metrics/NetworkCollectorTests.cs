using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What collectors make of interfaces, sockets, connections and neighbours of our own.</summary>
public sealed class NetworkCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

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
        CollectorSources.Put(_device);
        _device.Put("proc/net/stat/nf_conntrack", "entries  clashres found new invalid\n07 00 0a 00 01\n07 00 0b 00 02\n");
        Dictionary<string, double> samples = _device.Ask("conntrack")!.Samples;
        Assert.Equal((21, 3, 0), (samples["node_nf_conntrack_stat_found"], samples["node_nf_conntrack_stat_invalid"], samples["node_nf_conntrack_stat_drop"]));
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
}
