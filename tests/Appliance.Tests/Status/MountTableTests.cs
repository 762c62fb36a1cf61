using System.Collections.Generic;
using System.Text;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class MountTableTests
{
    [Fact]
    public void TheLastMountOnAMountPointIsTheOneSeen()
    {
        List<Mount> mounts = MountTable.Parse(
            "1 0 8:1 / /data rw - ext4 a rw\n2 0 8:2 / /other rw - ext4 b rw\n3 1 0:9 / /data rw - tmpfs c rw\n"u8,
            out int firstBadLine, out bool isCut);
        Assert.Equal(0, firstBadLine);
        Assert.False(isCut);
        Assert.Equal(2, mounts.Count);
        Assert.Equal("/other", mounts[0].Path);
        Assert.Equal("/data", mounts[1].Path);
        Assert.Equal(3, mounts[1].Id);
        Assert.Equal("tmpfs"u8.ToArray(), mounts[1].Type);
    }

    [Fact]
    public void MountsThatNeedNoServerAndNoDiskAnswerAtOnce()
    {
        List<Mount> mounts = MountTable.Parse(
            """
            1 0 0:1 / / rw - overlay overlay rw
            2 1 8:1 / /data rw - ext4 a rw
            3 1 0:9 / /tmp rw - tmpfs b rw
            4 1 0:10 / /nas rw - nfs4 nas:/ rw
            5 4 8:2 / /nas/local rw - ext4 c rw
            6 1 8:3 / /nasty rw - ext4 d rw
            7 1 0:11 / /misc rw - autofs e rw
            8 7 8:4 / /misc/usb rw - ext4 f rw
            9 1 8:5 / /usb rw - vfat g rw

            """u8,
            out int firstBadLine, out _);
        Assert.Equal(0, firstBadLine);
        Assert.Equal(
            ["/data True", "/tmp True", "/nas False", "/nas/local False", "/nasty True", "/misc/usb False", "/usb False"],
            mounts.ConvertAll(mount => $"{mount.Path} {mount.AnswersAtOnce}"));
    }

    [Fact]
    public void AnExcludedMountHidesWhatItCovers() =>
        Assert.Empty(MountTable.Parse(
            "1 0 8:1 / /data rw - ext4 /dev/sda1 rw\n3 1 0:9 / /data rw - overlay overlay rw\n"u8, out _, out _));

    [Fact]
    public void OneBadLineLeavesTheOthersUnharmed()
    {
        List<Mount> mounts = MountTable.Parse(
            "1 0 8:1 / /a rw - ext4 /dev/sda1 rw\nrubbish\n\n2 0 8:2 / /b rw - ext4 /dev/sdb1 rw\n"u8,
            out int firstBadLine, out _);
        Assert.Equal(2, firstBadLine);
        Assert.Equal(2, mounts.Count);
    }

    [Fact]
    public void ATruncatedTableIsSaidToBeCut()
    {
        const string Table = "1 0 8:1 / /a rw - ext4 /dev/sda1 rw\n2 0 8:2 / /b\\040c rw - ext4 /dev/sdb1 rw\n";
        foreach (byte[] cut in Text.ProperPrefixes(Table))
        {
            List<Mount> mounts = MountTable.Parse(cut, out int firstBadLine, out bool isCut);
            bool atLineEnd = cut.Length == 0 || cut[^1] == (byte)'\n';
            Assert.Equal(!atLineEnd, isCut);
            Assert.Equal(0, firstBadLine);
            Assert.Equal(cut.Length > Table.IndexOf('\n') ? 1 : 0, mounts.Count);
        }
    }

    [Fact]
    public void NamesThatDifferOnlyInInvalidBytesAreTwoMounts()
    {
        List<Mount> mounts = MountTable.Parse(
            Text.Bytes("1 0 8:1 / /\u00fe rw - ext4 /dev/sda1 rw\n2 0 8:2 / /\u00ff rw - ext4 /dev/sdb1 rw\n"), out _, out _);
        Assert.Equal(2, mounts.Count);
        Assert.Null(mounts[0].Path);
    }

    [Theory]
    [InlineData("ext4", "/", false)]
    [InlineData("tmpfs", "/tmp", false)]
    [InlineData("fuse.sshfs", "/home/device", false)]
    [InlineData("ext4", "/devices", false)]
    [InlineData("ext4", "/var/lib/docker", false)]
    [InlineData("ext4", "/run/credentials/", false)]
    [InlineData("cgroup2", "/anywhere", true)]
    [InlineData("proc", "/jail/proc", true)]
    [InlineData("squashfs", "/rom", true)]
    [InlineData("tmpfs", "/dev", true)]
    [InlineData("tmpfs", "/dev/shm", true)]
    [InlineData("tmpfs", "/sys/fs/cgroup", true)]
    [InlineData("ext4", "/var/lib/docker/volumes/x", true)]
    [InlineData("ramfs", "/run/credentials/some.service", true)]
    public void TheFilterIsThatOfNodeExporter(string type, string mountpoint, bool excluded) =>
        Assert.Equal(excluded, MountFilter.Excludes(Encoding.UTF8.GetBytes(type), Encoding.UTF8.GetBytes(mountpoint)));
}
