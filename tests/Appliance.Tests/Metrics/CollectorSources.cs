using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>The files that collectors read, for tests to damage.</summary>
internal static class CollectorSources
{
    /// <summary>Collector, file, and a text that makes sense.</summary>
    public static TheoryData<string, string, string> All { get; } = new()
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

    /// <summary>Puts them all on a device, of which some collectors ask for more than one.</summary>
    public static void Put(Scraped device)
    {
        device.Put("proc/sys/net/netfilter/nf_conntrack_count", "7\n");
        device.Put("proc/sys/net/netfilter/nf_conntrack_max", "8\n");
        foreach (object[] source in All)
            device.Put((string)source[1], (string)source[2]);
    }
}
