using System;
using System.Collections.Generic;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class RaidCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void DisksAndBlocksAreThoseOfTheTable()
    {
        Dictionary<string, double> samples = Ask(
            "md127 : active (auto-read-only) raid5 sdd1[4](S) sdc1[3] sdb1[1](F) sda1[0]\n"
            + "      2000 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [U_U]\n"
            + "      bitmap: 1/8 pages [4KB], 65536KB chunk, file: /check\n"
            + "\nunused devices: <none>\n")!;
        Assert.Equal(3, samples["node_md_disks_required{device=\"md127\"}"]);
        Assert.Equal(2, samples["node_md_disks{device=\"md127\",state=\"active\"}"]);
        Assert.Equal(1, samples["node_md_disks{device=\"md127\",state=\"failed\"}"]);
        Assert.Equal(1, samples["node_md_disks{device=\"md127\",state=\"spare\"}"]);
        Assert.Equal(2000, samples["node_md_blocks{device=\"md127\"}"]);
        Assert.Equal(2000, samples["node_md_blocks_synced{device=\"md127\"}"]);
        Assert.Equal(1, samples["node_md_state{device=\"md127\",state=\"active\"}"]);
        Assert.Equal(11, samples.Count);
    }

    [Theory]
    [InlineData("      [==>..]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec\n", "recovering", 37043392)]
    [InlineData("      [>....]  resync =  0.0% (7/2000) finish=1.0min speed=1K/sec\n", "resync", 7)]
    [InlineData("      bitmap: 1/1 pages\n      [>....]  check =  0.0% (8/2000) finish=1.0min speed=1K/sec\n", "check", 8)]
    [InlineData("      [>....]  reshape =  0.0% (9/2000) finish=1.0min speed=1K/sec\n", "", 9)]
    [InlineData("      \tresync=DELAYED\n", "resync", 0)]
    [InlineData("      resync=PENDING\n", "resync", 0)]
    [InlineData("      resync=REMOTE\n", "resync", 0)]
    [InlineData("      something that a later kernel says\n", "active", 2000)]
    public void AnArrayAtWorkIsInTheStateOfItsWork(string line, string state, double synced)
    {
        Dictionary<string, double> samples = Ask($"md0 : active raid1 sdb1[1] sda1[0]\n      2000 blocks [2/2] [UU]\n{line}\n")!;
        Assert.Equal(synced, samples["node_md_blocks_synced{device=\"md0\"}"]);
        foreach (string other in new[] { "active", "inactive", "recovering", "resync", "check" })
            Assert.Equal(other == state ? 1 : 0, samples[$"node_md_state{{device=\"md0\",state=\"{other}\"}}"]);
    }

    [Fact]
    public void OneThatIsNotStartedUsesNoDisks()
    {
        Dictionary<string, double> samples = Ask("md3 : inactive sdb[1](S) sda[0](S)\n      70 blocks super external:imsm\n\nmd4 : inactive\n")!;
        Assert.Equal(2, samples["node_md_disks{device=\"md3\",state=\"spare\"}"]);
        Assert.Equal(0, samples["node_md_disks_required{device=\"md3\"}"]);
        Assert.Equal(1, samples["node_md_state{device=\"md3\",state=\"inactive\"}"]);
        Assert.Equal(0, samples["node_md_blocks{device=\"md4\"}"]);
    }

    [Theory]
    [InlineData("md0 active raid1\n")]
    [InlineData("md0 :\n")]
    [InlineData("md0 : active raid1 sda[0]\n")]
    [InlineData("md0 : active raid1 sda[0]\n      many blocks [2/2] [UU]\n")]
    [InlineData("md0 : active raid1 sda[0]\n      17 blocks [2/x] [UU]\n")]
    [InlineData("md0 : active raid1 sda[0]\n      17 blocks [2/2] [UU]\n      resync = 1% (x/17)\n")]
    [InlineData("md0 : active raid1 sda[0]\n      17 blocks [2/2] [UU]\n      resync = 1%\n")]
    public void ATextThatMakesNoSenseIsAFault(string text) => Assert.Null(Ask(text));

    [Fact]
    public void NoArrayIsNoFault() => Assert.Empty(Ask("Personalities : \nunused devices: <none>\n")!);

    [Fact]
    public void SysfsSaysWhatTheTableDoesNot()
    {
        Put("md0", "raid5", "5 (4)", "1");
        Put("md1", "raid0", "2", null);
        Put("md2", "container", "0", null);
        _device.Put("sys/block/md3/size", "0\n");
        _device.Put("sys/block/sda/md/level", "raid1\n");
        Assert.Equal(
            new SortedDictionary<string, double>
            {
                ["node_md_raid_disks{device=\"md0\"}"] = 5,
                ["node_md_raid_disks{device=\"md1\"}"] = 2,
                ["node_md_degraded{device=\"md0\"}"] = 1,
                ["node_md_degraded{device=\"md1\"}"] = 0,
                ["node_md_degraded{device=\"md2\"}"] = 0,
            },
            new SortedDictionary<string, double>(Ask("Personalities : [raid5]\n")!));
    }

    private void Put(string array, string level, string disks, string? degraded)
    {
        _device.Put($"sys/block/{array}/md/level", $"{level}\n");
        _device.Put($"sys/block/{array}/md/raid_disks", $"{disks}\n");
        if (degraded is not null)
            _device.Put($"sys/block/{array}/md/degraded", $"{degraded}\n");
    }

    private Dictionary<string, double>? Ask(string text)
    {
        _device.Put("proc/mdstat", text);
        return _device.Ask("mdadm")?.Samples;
    }
}
