using System;
using System.Collections.Generic;
using System.Threading;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class FilesystemCollectorTests : IDisposable
{
    private const string Overlay = "device=\"/dev/mtdblock5\",device_error=\"\",fstype=\"jffs2\",mountpoint=\"/overlay\"";
    private const string Disk = "fstype=\"ext4\",mountpoint=\"/mnt/my disk\"";

    private readonly ManualResetEventSlim _serverIsBack = new();
    private readonly Scraped _device;
    private Func<string, FilesystemSize> _statvfs = _ => new FilesystemSize(4096000, 2048000, 1024000, 100, 60);

    public FilesystemCollectorTests() => _device = new Scraped(path => _statvfs(path));

    public void Dispose()
    {
        _serverIsBack.Set();
        _device.Dispose();
    }

    [Fact]
    public void EveryMountHasItsSizesAndItsPlaceWithoutEscapes()
    {
        Dictionary<string, double> samples = Ask();
        Assert.Equal(4096000, samples[$"node_filesystem_size_bytes{{{Overlay}}}"]);
        Assert.Equal(2048000, samples[$"node_filesystem_free_bytes{{{Overlay}}}"]);
        Assert.Equal(1024000, samples[$"node_filesystem_avail_bytes{{{Overlay}}}"]);
        Assert.Equal(100, samples[$"node_filesystem_files{{{Overlay}}}"]);
        Assert.Equal(60, samples[$"node_filesystem_files_free{{{Overlay}}}"]);
        Assert.Equal(0, samples[$"node_filesystem_device_error{{{Overlay}}}"]);
        Assert.Equal(1, samples[$"node_filesystem_readonly{{{Overlay}}}"]);
        Assert.Equal(0, samples[$"node_filesystem_readonly{{device=\"/dev/sda1\",device_error=\"\",{Disk}}}"]);
        Assert.Equal(1, samples["node_filesystem_mount_info{device=\"/dev/mtdblock5\",major=\"31\",minor=\"5\",mountpoint=\"/overlay\"}"]);
        Assert.Equal(3 * 8, samples.Count); // /proc is left out
    }

    [Fact]
    public void OneThatFailsSaysWhyAndLeavesTheOthersAlone()
    {
        _statvfs = path => path.EndsWith("disk", StringComparison.Ordinal)
            ? new FilesystemSize("Input/output error")
            : new FilesystemSize(1, 1, 1);
        Dictionary<string, double> samples = Ask();
        string labels = $"device=\"/dev/sda1\",device_error=\"Input/output error\",{Disk}";
        Assert.Equal(1, samples[$"node_filesystem_device_error{{{labels}}}"]);
        Assert.Equal(0, samples[$"node_filesystem_readonly{{{labels}}}"]);
        Assert.DoesNotContain($"node_filesystem_size_bytes{{{labels}}}", samples.Keys);
        Assert.Equal((2 * 8) + 2, samples.Count);
    }

    [Fact]
    public void OneThatHangsIsATimeout()
    {
        _statvfs = path =>
        {
            if (path.EndsWith("disk", StringComparison.Ordinal))
                _serverIsBack.Wait();
            return new FilesystemSize(1, 1, 1);
        };
        _device.Put("proc/self/mountinfo", "21 20 0:40 / /mnt/disk rw - nfs4 nas:/disk rw\n22 20 31:5 / /overlay rw - jffs2 /dev/mtdblock5 rw\n");
        const string Key = "node_filesystem_device_error{device=\"nas:/disk\",device_error=\"mountpoint timeout\",fstype=\"nfs4\",mountpoint=\"/mnt/disk\"}";
        for (int round = 0; round < 2; round++)
        {
            Dictionary<string, double> samples = Ask();
            Assert.Equal(1, samples[Key]);
            Assert.Equal(1, samples[$"node_filesystem_size_bytes{{{Overlay}}}"]);
        }
    }

    [Fact]
    public void AFilesystemThatBecameReadOnlyIs()
    {
        string key = $"node_filesystem_readonly{{device=\"/dev/sda1\",device_error=\"\",{Disk}}}";
        Assert.Equal(0, Ask()[key]);
        _statvfs = _ => new FilesystemSize(1, 1, 1, isReadOnly: true);
        Assert.Equal(1, Ask()[key]);
    }

    /// <summary>As under systemd's ProtectSystem=strict: what statvfs sees there is the service's own view.</summary>
    [Fact]
    public void OneThatIsReadOnlyForThisServiceAloneIsNot()
    {
        _device.Put("proc/1/mountinfo", "21 20 8:1 / /mnt/my\\040disk rw - ext4 /dev/sda1 rw\n");
        _device.Put("proc/self/mountinfo", "21 20 8:1 / /mnt/my\\040disk ro - ext4 /dev/sda1 rw\n");
        _statvfs = _ => new FilesystemSize(1, 1, 1, isReadOnly: true);
        string key = $"node_filesystem_readonly{{device=\"/dev/sda1\",device_error=\"\",{Disk}}}";
        Assert.Equal(0, Ask()[key]);
        Assert.Equal(0, Ask()[key]);
    }

    [Fact]
    public void AMountThatComesIsSeen()
    {
        int before = Ask().Count;
        _device.Put("proc/self/mountinfo", "20 1 31:5 / /overlay rw - jffs2 /dev/mtdblock5 rw\n");
        Assert.Equal(8, Ask().Count);
        Assert.NotEqual(8, before);
    }

    private Dictionary<string, double> Ask() => _device.Ask("filesystem")!.Samples;
}
