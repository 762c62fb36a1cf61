using System;

namespace Appliance.Status;

/// <summary>Which mounts have no size worth telling.</summary>
/// <remarks>
/// The lists are the defaults of node_exporter 1.12 (collector/filesystem_linux.go: defFSTypesExcluded and
/// defMountPointsExcluded), so that its dashboards and this document speak of the same filesystems. tmpfs stays: /tmp filling
/// up is a common failure of a router. overlay goes: on OpenWrt, where it is the root, the filesystem behind it is listed
/// as /overlay.
/// </remarks>
internal static class MountFilter
{
    private static ReadOnlySpan<byte> ExcludedTypes =>
        "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs fusectl hugetlbfs iso9660 "u8
        + "mqueue nsfs overlay proc procfs pstore rpc_pipefs securityfs selinuxfs squashfs erofs sysfs tracefs"u8;

    // Those whose statfs in the kernel (fs/) only looks at memory, and what lies below others on a device.
    private static ReadOnlySpan<byte> PromptTypes =>
        "ext2 ext3 ext4 f2fs jffs2 ramfs rootfs tmpfs ubifs devtmpfs erofs overlay proc squashfs sysfs"u8;

    /// <summary>Whether filesystems of a type cannot hang: they need neither a server nor a disk to tell their sizes, nor to find what is in memory.</summary>
    public static bool IsPrompt(ReadOnlySpan<byte> type) => IsOneOf(type, PromptTypes);

    /// <summary>Whether a path is the other or below it.</summary>
    public static bool IsOrIsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder) =>
        folder is [(byte)'/'] || (path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == (byte)'/'));

    /// <summary>Whether the mount is left out of the document.</summary>
    /// <param name="type">Filesystem type as mountinfo has it.</param>
    /// <param name="mountpoint">Mount point without escapes.</param>
    public static bool Excludes(ReadOnlySpan<byte> type, ReadOnlySpan<byte> mountpoint)
    {
        return IsOneOf(type, ExcludedTypes)
            || IsOrIsBelow(mountpoint, "/dev"u8) || IsOrIsBelow(mountpoint, "/proc"u8) || IsOrIsBelow(mountpoint, "/sys"u8)
            || IsBelow(mountpoint, "/run/credentials/"u8)
            || IsBelow(mountpoint, "/var/lib/docker/"u8)
            || IsBelow(mountpoint, "/var/lib/containers/storage/"u8);
    }

    private static bool IsOneOf(ReadOnlySpan<byte> type, ReadOnlySpan<byte> list)
    {
        FieldReader types = new(list);
        while (types.TryRead(out ReadOnlySpan<byte> one))
        {
            if (type.SequenceEqual(one))
                return true;
        }
        return false;
    }

    private static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folderAndSlash) =>
        path.Length > folderAndSlash.Length && path.StartsWith(folderAndSlash);
}
