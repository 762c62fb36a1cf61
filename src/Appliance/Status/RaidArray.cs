namespace Appliance.Status;

/// <summary>What the kernel does with an array just now.</summary>
internal enum RaidActivity
{
    None,
    Recovery,
    Resync,
    Check,
    Reshape,
}

/// <summary>One array of /proc/mdstat; see <see cref="RaidReader"/>.</summary>
internal struct RaidArray
{
    /// <summary>Whether it is started. One that is not has disks, and neither needs nor uses any.</summary>
    public bool IsActive { get; set; }

    /// <summary>Disks it needs to be whole.</summary>
    public ulong DisksRequired { get; set; }

    /// <summary>Disks of those that work.</summary>
    public ulong DisksActive { get; set; }

    /// <summary>Disks that failed and are still assigned to it.</summary>
    public ulong DisksFailed { get; set; }

    public ulong DisksSpare { get; set; }

    /// <summary>Its size in KiB.</summary>
    public ulong Blocks { get; set; }

    /// <summary>How much of it is done of what <see cref="Activity"/> does, in KiB; 0 while that waits, all when there is none.</summary>
    public ulong BlocksSynced { get; set; }

    public RaidActivity Activity { get; set; }
}
