using System;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>mdadm: software RAID, from /proc/mdstat (<see cref="RaidReader"/>) and /sys/block/md*/md; kernel Documentation/admin-guide/md.rst.</summary>
/// <remarks>An array that is reshaped has none of the states that node_exporter knows.</remarks>
internal sealed class RaidCollector : ICollector
{
    private const string Folder = "block";

    private readonly SourceFile _file;
    private readonly SourceFolder _folder;
    private readonly DeviceSet<Attributes> _attributes;

    public RaidCollector(SourceFiles files)
    {
        _file = files.InProc("mdstat");
        _folder = files.FolderInSys(Folder);
        _attributes = new DeviceSet<Attributes>(name => new Attributes(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text))
            return false;
        if (!Write(text, "node_md_disks_required"u8, "Disks an array needs to be whole."u8, array => array.DisksRequired, writer)
            || !WriteDisks(text, writer)
            || !WriteStates(text, writer)
            || !Write(text, "node_md_blocks"u8, "Its size in blocks of 1 KiB."u8, array => array.Blocks, writer)
            || !Write(text, "node_md_blocks_synced"u8, "How many of them are in sync."u8, array => array.BlocksSynced, writer))
        {
            return false;
        }
        WriteAttributes(writer);
        return true;
    }

    private static bool Write(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, Func<RaidArray, ulong> value, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, name, help);
        RaidReader arrays = new(text);
        while (arrays.TryRead(out ReadOnlySpan<byte> device, out RaidArray array))
            writer.Label("device"u8, device).Sample(value(array));
        return !arrays.IsMalformed;
    }

    private static bool WriteDisks(ReadOnlySpan<byte> text, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_md_disks"u8, "Disks of an array in each state."u8);
        RaidReader arrays = new(text);
        while (arrays.TryRead(out ReadOnlySpan<byte> device, out RaidArray array))
        {
            writer.Label("device"u8, device).Label("state"u8, "active"u8).Sample(array.DisksActive);
            writer.Label("device"u8, device).Label("state"u8, "failed"u8).Sample(array.DisksFailed);
            writer.Label("device"u8, device).Label("state"u8, "spare"u8).Sample(array.DisksSpare);
        }
        return !arrays.IsMalformed;
    }

    private static bool WriteStates(ReadOnlySpan<byte> text, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "node_md_state"u8, "Which state an array is in."u8);
        RaidReader arrays = new(text);
        while (arrays.TryRead(out ReadOnlySpan<byte> device, out RaidArray array))
        {
            bool isIdle = array.Activity == RaidActivity.None;
            Write(device, "active"u8, isIdle && array.IsActive);
            Write(device, "inactive"u8, isIdle && !array.IsActive);
            Write(device, "recovering"u8, array.Activity == RaidActivity.Recovery);
            Write(device, "resync"u8, array.Activity == RaidActivity.Resync);
            Write(device, "check"u8, array.Activity == RaidActivity.Check);
        }
        return !arrays.IsMalformed;

        void Write(ReadOnlySpan<byte> device, ReadOnlySpan<byte> state, bool isIt) =>
            writer.Label("device"u8, device).Label("state"u8, state).Sample(isIt ? 1 : 0);
    }

    private void WriteAttributes(ExpositionWriter writer)
    {
        FindArrays();
        writer.Family(MetricType.Gauge, "node_md_raid_disks"u8, "Disks an array was made for."u8);
        foreach (Attributes array in _attributes)
        {
            if (array.TryReadDisks(out ulong disks))
                writer.Label("device"u8, array.Name).Sample(disks);
        }
        writer.Family(MetricType.Gauge, "node_md_degraded"u8, "Disks it lacks."u8);
        foreach (Attributes array in _attributes)
        {
            // Levels without redundancy do not have the file: they lack none, or do not run.
            if (array.Degraded.TryReadNumber(out long missing) || (array.Degraded.IsMissing && array.IsArray()))
                writer.Label("device"u8, array.Name).Sample(missing);
        }
    }

    private void FindArrays()
    {
        using SourceFolder.Listing listing = _folder.List();
        _attributes.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            if (name.StartsWith("md"u8))
                _attributes.Get(name);
        }
        _attributes.EndRound();
    }

    /// <summary>The attributes of one array.</summary>
    private sealed class Attributes(byte[] name, SourceFiles files) : Device(name)
    {
        private const int MaxText = 64;

        private readonly SourceFile _level = File(name, files, "level");
        private readonly SourceFile _disks = File(name, files, "raid_disks");

        public SourceFile Degraded { get; } = File(name, files, "degraded");

        /// <summary>Whether it is made by md; a name of the same kind alone does not say so.</summary>
        public bool IsArray() => _level.TryReadValue(stackalloc byte[MaxText], out _);

        /// <summary>Reads "4", or "5 (4)" while 4 become 5. A container has disks, and makes no array of them.</summary>
        public bool TryReadDisks(out ulong disks)
        {
            disks = 0;
            return _level.TryReadValue(stackalloc byte[MaxText], out ReadOnlySpan<byte> level) && !level.IsEmpty
                && !level.SequenceEqual("container"u8)
                && _disks.TryReadValue(stackalloc byte[MaxText], out ReadOnlySpan<byte> text)
                && new FieldReader(text).TryReadNumber(out disks);
        }

        public override void Dispose()
        {
            _level.Dispose();
            _disks.Dispose();
            Degraded.Dispose();
        }

        private static SourceFile File(byte[] name, SourceFiles files, string attribute) =>
            files.InSys($"{Folder}/{Encoding.UTF8.GetString(name)}/md/{attribute}");
    }
}
