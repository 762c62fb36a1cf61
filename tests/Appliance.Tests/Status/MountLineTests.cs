using System;
using System.Text;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class MountLineTests
{
    [Theory]
    [InlineData("36 35 98:0 /sub /mnt rw,noatime - ext3 /dev/root rw,errors=continue")]
    [InlineData("36 35 98:0 /sub /mnt rw,noatime master:1 - ext3 /dev/root rw,errors=continue")]
    [InlineData("36 35 98:0 /sub /mnt rw,noatime shared:9 master:1 propagate_from:2 unbindable - ext3 /dev/root rw")]
    public void OptionalFieldsMayBeAnyNumber(string line)
    {
        Assert.True(MountLine.TryParse(Text.Bytes(line), out MountLine mount));
        Assert.Equal(36, mount.Id);
        Assert.True(mount.Mountpoint.SequenceEqual("/mnt"u8));
        Assert.True(mount.Type.SequenceEqual("ext3"u8));
        Assert.True(mount.Device.SequenceEqual("/dev/root"u8));
        Assert.False(mount.ReadOnly);
    }

    [Theory]
    [InlineData("rw", "rw", false)]
    [InlineData("ro,noatime", "rw", true)]
    [InlineData("rw", "rw,errors=remount-ro", false)]
    [InlineData("rw", "ro,relatime", true)]
    [InlineData("rw", "rw,emergency_ro", true)]
    [InlineData("rw,root", "rw,rootcontext=x", false)]
    public void ReadOnlyIsSaidByTheMountOrItsSuperblock(string options, string superOptions, bool readOnly)
    {
        byte[] line = Text.Bytes("1 0 8:1 / / " + options + " - ext4 /dev/sda1 " + superOptions);
        Assert.True(MountLine.TryParse(line, out MountLine mount));
        Assert.Equal(readOnly, mount.ReadOnly);
    }

    [Fact]
    public void AnEmptySourceIsNotTakenForTheNextField()
    {
        Assert.True(MountLine.TryParse("9 1 0:30 / /x rw - tmpfs  ro,size=4k"u8, out MountLine mount));
        Assert.True(mount.Device.IsEmpty);
        Assert.True(mount.ReadOnly);
    }

    [Fact]
    public void ALineCutBeforeItsLastFieldIsRefused()
    {
        const string Line = "36 35 98:0 /sub /mnt rw shared:9 - ext3 /dev/root rw";
        foreach (byte[] cut in Text.ProperPrefixes(Line))
        {
            // The options may be cut, even to nothing: only the newline, which LineReader insists on, tells.
            Assert.Equal(cut.Length >= Line.Length - 2, MountLine.TryParse(cut, out _));
        }
    }

    [Theory]
    [InlineData("x 35 98:0 / /mnt rw - ext3 /dev/root rw")]
    [InlineData("99999999999 35 98:0 / /mnt rw - ext3 /dev/root rw")]
    [InlineData("36 35 98:0 / mnt rw - ext3 /dev/root rw")]
    [InlineData("36 35 98:0 / /mnt rw ext3 /dev/root rw")]
    [InlineData("- - - - - - - - -")]
    public void WhatIsNoMountIsRefused(string line) => Assert.False(MountLine.TryParse(Text.Bytes(line), out _));

    [Theory]
    [InlineData(@"/mnt/my\040disk", "/mnt/my disk")]
    [InlineData(@"\011\012\134\043", "\t\n\\#")]
    [InlineData(@"\134040", @"\040")]
    [InlineData(@"\303\251", "\u00c3\u00a9")]
    [InlineData(@"end\04", @"end\04")]
    [InlineData(@"\", @"\")]
    [InlineData(@"\888", @"\888")]
    [InlineData(@"\777", @"\777")]
    [InlineData("", "")]
    public void OctalEscapesAreUndoneAndOtherBackslashesKept(string field, string expected)
    {
        byte[] destination = new byte[field.Length];
        int length = MountLine.Unescape(Text.Bytes(field), destination);
        Assert.Equal(expected, Encoding.Latin1.GetString(destination, 0, length));
    }
}
