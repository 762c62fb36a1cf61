using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using Appliance.Status;

namespace Appliance.Tests.Status;

/// <summary>A device made of files in a temporary folder: a proc, a sys and a root of its own.</summary>
internal sealed class FixtureDevice : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-status-").FullName;

    /// <param name="files">What it is made of; <see cref="RouterFiles"/> when left out.</param>
    public FixtureDevice(IReadOnlyList<(string Path, string Text)>? files = null)
    {
        Roots = new StatusRoots(Path.Combine(_folder, "proc"), Path.Combine(_folder, "sys"), Path.Combine(_folder, "root"));
        foreach ((string path, string text) in files ?? RouterFiles)
            Put(path, text);
    }

    public StatusRoots Roots { get; }

    /// <summary>A small router: two CPUs, one flash filesystem, one tmpfs, a loopback and one port.</summary>
    public static IReadOnlyList<(string Path, string Text)> BasicFiles { get; } =
    [
        ("proc/sys/kernel/hostname", "attic-router\n"),
        ("proc/sys/kernel/osrelease", "6.6.52-router\n"),
        ("root/etc/os-release", "NAME=\"Example OS\"\nPRETTY_NAME=\"Example OS 4 (\\\"attic\\\")\"\n"),
        ("proc/uptime", "90061.07 170022.40\n"),
        ("proc/loadavg", "0.31 0.12 10.05 2/97 4012\n"),
        ("proc/stat",
            "cpu  300 4 500 60000 70 8 9 10 11 12\n"
            + "cpu0 100 1 200 30000 30 4 4 5 11 12\n"
            + "cpu1 200 3 300 30000 40 4 5 5 0 0\n"
            + "intr 999 0 12 0\nctxt 12345\nbtime 1700000000\nprocesses 4012\n"),
        ("proc/meminfo",
            "MemTotal:         249528 kB\nMemFree:           31020 kB\nMemAvailable:     118004 kB\n"
            + "Buffers:            2048 kB\nCached:            90112 kB\nSwapCached:            0 kB\n"
            + "SwapTotal:         65536 kB\nSwapFree:          65000 kB\nHugePages_Total:       0\n"),
        ("proc/self/mountinfo",
            "15 20 0:14 / /proc rw,nosuid - proc proc rw\n"
            + "16 20 0:15 / /tmp rw,nosuid shared:3 - tmpfs tmpfs rw,size=1024k\n"
            + "20 1 31:5 / /overlay ro,noatime - jffs2 /dev/mtdblock5 ro\n"
            + "21 20 8:1 / /mnt/my\\040disk rw,noatime master:1 propagate_from:2 - ext4 /dev/sda1 rw,errors=continue\n"),
        ("proc/net/dev",
            "Inter-|   Receive                                                |  Transmit\n"
            + " face |bytes packets errs drop fifo frame compressed multicast"
            + "|bytes packets errs drop fifo colls carrier compressed\n"
            + "    lo:      10       1    0    0    0     0          0         0       10 1 0 0 0 0 0 0\n"
            + "  eth0:9007199254740993 2 3 4 5 6 7 8 18446744073709551615 10 11 12 13 14 15 16\n"),
        ("sys/class/net/lo/operstate", "unknown\n"),
        ("sys/class/net/lo/mtu", "65536\n"),
        ("sys/class/net/lo/address", "00:00:00:00:00:00\n"),
        ("sys/class/net/eth0/operstate", "up\n"),
        ("sys/class/net/eth0/mtu", "1500\n"),
        ("sys/class/net/eth0/address", "02:00:5e:00:53:01\n"),
        ("sys/class/net/eth0/speed", "1000\n"),
    ];

    /// <summary>The same with a disk, an array, sensors, routes, neighbours, leases, processes and warnings.</summary>
    public static IReadOnlyList<(string Path, string Text)> RouterFiles { get; } =
    [
        .. BasicFiles,
        ("proc/diskstats",
            "   7 0 loop0 1 0 8 0 0 0 0 0 0 0 0\n"
            + "   8 0 sda 100 0 2000 10 50 0 4000 20 0 300 30\n"
            + "   8 1 sda1 90 0 1900 10 40 0 3900 20 0 290 30\n"),
        ("proc/mdstat",
            "Personalities : [raid1]\n"
            + "md0 : active raid1 sdb1[1] sda1[0](F)\n"
            + "      1000 blocks super 1.2 [2/1] [_U]\n"
            + "      [=>...]  recovery = 12.5% (125/1000) finish=1.0min speed=1K/sec\n\nunused devices: <none>\n"),
        ("proc/net/route",
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
            + "eth0\t00000000\tFE0200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
            + "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
            + "*\t006433C6\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"),
        ("proc/net/ipv6_route",
            "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
            + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000003 00000000 00000003     eth0\n"
            + "20010db8000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000004 00000000 80200001     eth0\n"
            + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"),
        ("proc/net/if_inet6", "20010db8000000000000000000000002 02 40 00 80     eth0\n"),
        ("proc/net/fib_trie",
            "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.0\n        /24 link UNICAST\n"
            + "     |-- 192.0.2.7\n        /32 host LOCAL\n     |-- 203.0.113.9\n        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\n"
            + "Local:\n     |-- 192.0.2.7\n        /32 host LOCAL\n"),
        ("proc/net/arp",
            "IP address       HW type     Flags       HW address            Mask     Device\n"
            + "192.0.2.254      0x1         0x2         02:00:5e:00:53:fe     *        eth0\n"
            + "192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0\n"),
        ("root/var/lib/misc/dnsmasq.leases",
            "1700003600 02:00:5e:00:53:07 192.0.2.50 attic-laptop 01:02:00:5e:00:53:07\n"
            + "0 02:00:5e:00:53:08 192.0.2.51 * *\nduid 00:01:00:01\n1700003600 7 2001:db8::50 attic-laptop 00:01\n"),
        ("proc/sys/net/netfilter/nf_conntrack_count", "312\n"),
        ("proc/sys/net/netfilter/nf_conntrack_max", "16384\n"),
        ("proc/1/stat", "1 (init) S 0 1 1 0 -1 4194560 1 2 3 4 50 25 0 0 20 0 1 0 5 1000000 100 0\n"),
        ("proc/42/stat", "42 (a) b (c)) R 1 42 42 0 -1 4194560 1 2 3 4 100 200 0 0 20 0 1 0 900 1000000 300 0\n"),
        ("root/dev/kmsg",
            "6,1,1000000,-;Linux version\n4,2,1500000,-;eth0: link is slow\n SUBSYSTEM=net\n DEVICE=+x;y\n"
            + "30,3,1600000,-;started\n3,4,90000120000,c;sda: I/O \u0007error\n"),
        ("sys/class/hwmon/hwmon0/name", "boardsensor\n"),
        ("sys/class/hwmon/hwmon0/temp1_input", "41250\n"),
        ("sys/class/hwmon/hwmon0/temp1_label", "Board\n"),
        ("sys/class/hwmon/hwmon0/temp3_input", "-5500\n"),
        ("sys/class/hwmon/hwmon0/fan1_input", "1204\n"),
        ("sys/class/hwmon/hwmon0/fan1_label", "Rear\n"),
        ("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n"),
        ("sys/class/thermal/thermal_zone0/temp", "38000\n"),
        ("sys/class/thermal/cooling_device0/type", "Fan\n"),
    ];

    public void Put(string path, string text) => Put(path, Encoding.Latin1.GetBytes(text));

    public void Put(string path, byte[] bytes)
    {
        string whole = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
        File.WriteAllBytes(whole, bytes);
    }

    /// <summary>A file, or a folder with all in it.</summary>
    public void Remove(string path)
    {
        string full = Path.Combine(_folder, path);
        if (Directory.Exists(full))
            Directory.Delete(full, recursive: true);
        else
            File.Delete(full);
    }

    /// <summary>The sizes every mount of the fixture has unless a test says otherwise.</summary>
    public static FilesystemSize AnySize(string path) => new(4096000, 2048000, 1024000);

    public string Document(Func<string, FilesystemSize>? statvfs = null) => Write(Status(statvfs));

    public DeviceStatus Status(Func<string, FilesystemSize>? statvfs = null, TimeProvider? time = null, StatusOptions? options = null) =>
        new(Roots, new FilesystemProbe(Roots, statvfs ?? AnySize, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)), options, time);

    public static string Write(DeviceStatus status)
    {
        ArrayBufferWriter<byte> bytes = new();
        status.Write(bytes);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.WrittenSpan);
    }

    /// <summary>The names of the parts that a document says are missing.</summary>
    public static string Unavailable(JsonDocument document)
    {
        List<string> parts = [];
        foreach (JsonElement entry in document.RootElement.GetProperty("unavailable").EnumerateArray())
            parts.Add(entry.GetProperty("part").GetString()!);
        return string.Join(' ', parts);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
