using System;
using System.Collections.Generic;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What becomes of disks of our own.</summary>
public sealed class DiskStatisticsCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

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
}
