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

    /// <summary>Whether the mount is left out of the document.</summary>
    /// <param name="type">Filesystem type as mountinfo has it.</param>
    /// <param name="mountpoint">Mount point without escapes.</param>
    public static bool Excludes(ReadOnlySpan<byte> type, ReadOnlySpan<byte> mountpoint)
    {
        FieldReader types = new(ExcludedTypes);
        while (types.TryRead(out ReadOnlySpan<byte> excluded))
        {
            if (type.SequenceEqual(excluded))
                return true;
        }
        return IsOrIsBelow(mountpoint, "/dev"u8) || IsOrIsBelow(mountpoint, "/proc"u8) || IsOrIsBelow(mountpoint, "/sys"u8)
            || IsBelow(mountpoint, "/run/credentials/"u8)
            || IsBelow(mountpoint, "/var/lib/docker/"u8)
            || IsBelow(mountpoint, "/var/lib/containers/storage/"u8);
    }

    private static bool IsOrIsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder) =>
        path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == (byte)'/');

    private static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folderAndSlash) =>
        path.Length > folderAndSlash.Length && path.StartsWith(folderAndSlash);
}
