using System;
using System.Collections.Generic;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>filesystem: size and use of each mounted filesystem, from /proc/1/mountinfo (see <see cref="MountTable"/>) and statvfs(3).</summary>
/// <remarks>
/// Which mounts, and of several on one place which one: <see cref="MountTable"/>. One that hangs or fails keeps its samples
/// device_error and readonly, with the reason in the label device_error; it never holds up the others
/// (<see cref="FilesystemProbe"/>).
/// </remarks>
internal sealed class FilesystemCollector : ICollector
{
    private readonly FilesystemProbe _probe;
    private readonly SourceFile[] _tables;
    private SourceFile _table; // the one that was read last
    private byte[] _text = [];
    private List<Mount> _mounts = [];
    // Linux 6.14 tells of an ext4 that stopped itself (emergency_ro) in the table alone, without announcing that it changed.
    private RareLook _look;
    private bool _isNew;
    // What statvfs said when the table was new, and so was right. Where it says read-only for a mount that the table calls writable,
    // we look through a namespace of our own, and it will say so whatever becomes of the file system.
    private bool[] _readOnlyThen = [];

    public FilesystemCollector(SourceFiles files, FilesystemProbe probe)
    {
        _probe = probe;
        _tables = Array.ConvertAll(MountTable.Sources.ToArray(), source => files.InProc(source));
        _table = _tables[0];
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!TryReadMounts())
            return false;
        FilesystemSize[] sizes = _probe.Ask(_mounts);
        if (_isNew)
            _readOnlyThen = Array.ConvertAll(sizes, size => size.IsReadOnly);
        _isNew = false;
        Write("node_filesystem_size_bytes"u8, "Bytes the filesystem has."u8, size => (ulong)size.SizeBytes, sizes, writer);
        Write("node_filesystem_free_bytes"u8, "Bytes not in use."u8, size => (ulong)size.FreeBytes, sizes, writer);
        Write("node_filesystem_avail_bytes"u8, "Bytes that users other than root may still fill."u8, size => (ulong)size.AvailableBytes, sizes, writer);
        Write("node_filesystem_files"u8, "Files there may be; 0 where only space bounds them."u8, size => size.Files, sizes, writer);
        Write("node_filesystem_files_free"u8, "Files there may be beyond those there are."u8, size => size.FilesFree, sizes, writer);

        writer.Family(MetricType.Gauge, "node_filesystem_readonly"u8, "Whether it refuses writing."u8);
        for (int i = 0; i < sizes.Length; i++)
            Label(_mounts[i], sizes[i], writer).Sample(_mounts[i].ReadOnly || (sizes[i].IsReadOnly && !_readOnlyThen[i]) ? 1 : 0);
        writer.Family(MetricType.Gauge, "node_filesystem_device_error"u8, "Whether it could not be asked for its sizes."u8);
        for (int i = 0; i < sizes.Length; i++)
            Label(_mounts[i], sizes[i], writer).Sample(sizes[i].Error is null ? 0 : 1);
        WriteMounts(sizes, writer);
        return true;
    }

    /// <summary>
    /// The table of mounts is the longest text to make for the kernel, and rarely changes: it is read when the kernel says that
    /// it did, and taken apart when it is another.
    /// </summary>
    private bool TryReadMounts()
    {
        bool isOld = _look.IsDue;
        if (!isOld && !_table.MayHaveChanged())
            return true;
        List<Mount> before = _mounts;
        _look.Repeat();
        if (!TryReadTable(out ReadOnlySpan<byte> text) || !TryParse(text))
            return false;
        _look.Done();
        _isNew = isOld || _mounts != before;
        return true;
    }

    private bool TryReadTable(out ReadOnlySpan<byte> text)
    {
        text = default;
        foreach (SourceFile table in _tables)
        {
            _table = table;
            if (table.TryRead(out text))
                return true;
        }
        return false;
    }

    private bool TryParse(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual(_text))
            return true;
        List<Mount> mounts = MountTable.Parse(text, out int firstBadLine, out bool isCut);
        if (firstBadLine != 0 || isCut)
            return false;
        _text = text.ToArray();
        _mounts = mounts;
        return true;
    }

    private void Write(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, Func<FilesystemSize, ulong> value, FilesystemSize[] sizes, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, name, help);
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i].Error is null)
                Label(_mounts[i], sizes[i], writer).Sample(value(sizes[i]));
        }
    }

    private void WriteMounts(FilesystemSize[] sizes, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_filesystem_mount_info"u8, "Which device is mounted where; always 1."u8);
        for (int i = 0; i < sizes.Length; i++)
        {
            Mount mount = _mounts[i];
            int colon = mount.DeviceNumber.AsSpan().IndexOf((byte)':');
            if (sizes[i].Error is null && colon >= 0)
            {
                writer.Label("device"u8, mount.Device)
                    .Label("major"u8, mount.DeviceNumber.AsSpan(0, colon)).Label("minor"u8, mount.DeviceNumber.AsSpan(colon + 1))
                    .Label("mountpoint"u8, mount.Mountpoint)
                    .Sample(1);
            }
        }
    }

    private static ExpositionWriter Label(Mount mount, FilesystemSize size, ExpositionWriter writer) =>
        writer.Label("device"u8, mount.Device).Label("mountpoint"u8, mount.Mountpoint).Label("fstype"u8, mount.Type)
            .Label("device_error"u8, size.Error == FilesystemProbe.TimeoutError ? "mountpoint timeout" : size.Error ?? "");
}
