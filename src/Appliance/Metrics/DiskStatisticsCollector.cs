using System;
using System.Globalization;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>diskstats: what block devices did since boot (/proc/diskstats), and which devices they are (udev's database).</summary>
internal sealed class DiskStatisticsCollector : ICollector
{
    private const ulong SectorBytes = 512; // whatever the device's own are, Documentation/block/stat.rst

    private readonly SourceFiles _files;
    private readonly SourceFile _file;
    private readonly DeviceSet<Disk> _disks;

    public DiskStatisticsCollector(SourceFiles files)
    {
        _files = files;
        _file = files.InProc("diskstats");
        _disks = new DeviceSet<Disk>(name => new Disk(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text) || !TryParse(text))
            return false;
        foreach (Disk disk in _disks)
            disk.ReadUdev();

        WriteInfo(writer);
        Count(0, "node_disk_reads_completed_total"u8, "Reads completed."u8, writer);
        Count(1, "node_disk_reads_merged_total"u8, "Reads merged with others."u8, writer);
        Bytes(2, "node_disk_read_bytes_total"u8, "Bytes read."u8, writer);
        Seconds(3, "node_disk_read_time_seconds_total"u8, "Time all reads took together."u8, writer);
        Count(4, "node_disk_writes_completed_total"u8, "Writes completed."u8, writer);
        Count(5, "node_disk_writes_merged_total"u8, "Writes merged with others."u8, writer);
        Bytes(6, "node_disk_written_bytes_total"u8, "Bytes written."u8, writer);
        Seconds(7, "node_disk_write_time_seconds_total"u8, "Time all writes took together."u8, writer);
        Write(8, MetricType.Gauge, "node_disk_io_now"u8, "Reads and writes in progress."u8, writer);
        Seconds(9, "node_disk_io_time_seconds_total"u8, "Time at least one read or write was in progress."u8, writer);
        Seconds(10, "node_disk_io_time_weighted_seconds_total"u8, "That time, times the number in progress."u8, writer);
        Count(11, "node_disk_discards_completed_total"u8, "Discards completed."u8, writer);
        Count(12, "node_disk_discards_merged_total"u8, "Discards merged with others."u8, writer);
        Count(13, "node_disk_discarded_sectors_total"u8, "Sectors of 512 bytes discarded."u8, writer);
        Seconds(14, "node_disk_discard_time_seconds_total"u8, "Time all discards took together."u8, writer);
        Count(15, "node_disk_flush_requests_total"u8, "Flushes completed."u8, writer);
        Seconds(16, "node_disk_flush_requests_time_seconds_total"u8, "Time all flushes took together."u8, writer);
        WriteContents(writer);
        WriteAta("E:ID_ATA_WRITE_CACHE="u8, "node_disk_ata_write_cache"u8, "Whether an ATA disk has a write cache."u8, writer);
        WriteAta("E:ID_ATA_WRITE_CACHE_ENABLED="u8, "node_disk_ata_write_cache_enabled"u8, "Whether it is switched on."u8, writer);
        WriteAta("E:ID_ATA_ROTATION_RATE_RPM="u8, "node_disk_ata_rotation_rate_rpm"u8, "Turns per minute; 0 for an SSD."u8, writer);
        return true;
    }

    private bool TryParse(ReadOnlySpan<byte> text)
    {
        Span<ulong> counters = stackalloc ulong[DiskLine.MaxCounters];
        LineReader lines = new(text);
        _disks.BeginRound();
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!DiskLine.TryParse(line, counters, out DiskLine disk))
                return false;
            if (!DiskLine.IsIgnored(disk.Name))
                _disks.Get(disk.Name).Set(disk, _files);
        }
        _disks.EndRound();
        return !lines.IsCut;
    }

    private void Count(int column, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer) =>
        Write(column, MetricType.Counter, name, help, writer);

    private void Bytes(int column, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer) =>
        Write(column, MetricType.Counter, name, help, writer, factor: SectorBytes);

    private void Seconds(int column, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer) =>
        Write(column, MetricType.Counter, name, help, writer, decimals: 3);

    private void Write(
        int column,
        MetricType type,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> help,
        ExpositionWriter writer,
        ulong factor = 1,
        int decimals = 0)
    {
        writer.Family(type, name, help);
        foreach (Disk disk in _disks)
        {
            if (column < disk.Counters.Length)
                writer.Label("device"u8, disk.Name).Sample(disk.Counters[column] * factor, decimals);
        }
    }

    private void WriteInfo(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_disk_info"u8, "Which device it is; always 1."u8);
        foreach (Disk disk in _disks)
        {
            // What is printed on the label, or else what is known.
            ReadOnlySpan<byte> serial = disk.Udev.Find("E:SCSI_IDENT_SERIAL="u8);
            serial = serial.IsEmpty ? disk.Udev.Find("E:ID_SERIAL_SHORT="u8) : serial;
            serial = serial.IsEmpty ? disk.Udev.Find("E:ID_SERIAL="u8) : serial;
            writer.Label("device"u8, disk.Name)
                .Label("major"u8, disk.Major).Label("minor"u8, disk.Minor)
                .Label("path"u8, disk.Udev.Find("E:ID_PATH="u8)).Label("wwn"u8, disk.Udev.Find("E:ID_WWN="u8))
                .Label("model"u8, disk.Udev.Find("E:ID_MODEL="u8)).Label("serial"u8, serial)
                .Label("revision"u8, disk.Udev.Find("E:ID_REVISION="u8)).Label("rotational"u8, disk.IsRotational ? 1 : 0)
                .Sample(1);
        }
    }

    private void WriteContents(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_disk_filesystem_info"u8, "What the device holds; always 1."u8);
        foreach (Disk disk in _disks)
        {
            UdevProperties udev = disk.Udev;
            ReadOnlySpan<byte> type = udev.Find("E:ID_FS_TYPE="u8);
            if (!type.IsEmpty)
            {
                writer.Label("device"u8, disk.Name).Label("type"u8, type).Label("usage"u8, udev.Find("E:ID_FS_USAGE="u8))
                    .Label("uuid"u8, udev.Find("E:ID_FS_UUID="u8)).Label("version"u8, udev.Find("E:ID_FS_VERSION="u8))
                    .Sample(1);
            }
        }
        writer.Family(MetricType.Gauge, "node_disk_device_mapper_info"u8, "Which volume the device is; always 1."u8);
        foreach (Disk disk in _disks)
        {
            UdevProperties udev = disk.Udev;
            ReadOnlySpan<byte> name = udev.Find("E:DM_NAME="u8);
            if (!name.IsEmpty)
            {
                writer.Label("device"u8, disk.Name).Label("name"u8, name).Label("uuid"u8, udev.Find("E:DM_UUID="u8))
                    .Label("vg_name"u8, udev.Find("E:DM_VG_NAME="u8)).Label("lv_name"u8, udev.Find("E:DM_LV_NAME="u8))
                    .Label("lv_layer"u8, udev.Find("E:DM_LV_LAYER="u8))
                    .Sample(1);
            }
        }
    }

    private void WriteAta(ReadOnlySpan<byte> property, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, name, help);
        foreach (Disk disk in _disks)
        {
            UdevProperties udev = disk.Udev;
            if (!udev.Find("E:ID_ATA="u8).IsEmpty && FieldReader.TryParseSigned(udev.Find(property), out long value))
                writer.Label("device"u8, disk.Name).Sample(value);
        }
    }

    /// <summary>What is kept of one device from one scrape to the next.</summary>
    private sealed class Disk(byte[] name, SourceFiles files) : Device(name)
    {
        private readonly ulong[] _counters = new ulong[DiskLine.MaxCounters];
        private readonly SourceFile _rotational = files.InSys($"block/{SysfsName(name)}/queue/rotational");
        private SourceFile? _udev;
        private RareLook _look; // at what udev says
        private long _since; // when it came, by TickCount64
        private int _count;

        public uint Major { get; private set; }

        public uint Minor { get; private set; }

        public ReadOnlySpan<ulong> Counters => _counters.AsSpan(0, _count);

        public UdevProperties Udev { get; } = new();

        /// <summary>A partition or a device without the attribute counts as not rotational, as it does for node_exporter.</summary>
        public bool IsRotational => _rotational.TryReadNumber(out long value) && value == 1;

        public void Set(DiskLine line, SourceFiles files)
        {
            line.Counters.CopyTo(_counters);
            _count = line.Counters.Length;
            if (_udev is not null && Major == line.Major && Minor == line.Minor)
                return;
            Major = line.Major;
            Minor = line.Minor;
            _udev?.Dispose();
            _look.Repeat();
            _since = Environment.TickCount64;
            _udev = files.InRoot(string.Create(CultureInfo.InvariantCulture, $"run/udev/data/b{Major}:{Minor}"));
        }

        public void ReadUdev()
        {
            if (!_look.IsDue)
                return;
            // The kernel tells of a disk before udev does.
            if (_udev!.TryRead(out ReadOnlySpan<byte> text) || Environment.TickCount64 - _since > RareLook.Interval)
                _look.Done();
            Udev.Keep(text);
        }

        public override void Dispose()
        {
            _rotational.Dispose();
            _udev?.Dispose();
        }

        // sysfs has '!' for the '/' of names such as cciss/c0d0, kobject_set_name_vargs.
        private static string SysfsName(byte[] name) => Encoding.UTF8.GetString(name).Replace('/', '!');
    }
}
