using System;

namespace Appliance.Status;

/// <summary>What statvfs(3) says of one filesystem, or why it says nothing.</summary>
internal readonly struct FilesystemSize
{
    /// <param name="size">Bytes in all.</param>
    /// <param name="free">Bytes not in use.</param>
    /// <param name="available">Bytes an unprivileged user may still fill: less than free where root has a reserve.</param>
    /// <param name="files">How many files there may be; 0 where nothing but space bounds them.</param>
    /// <param name="filesFree">How many more there may be.</param>
    /// <param name="isReadOnly">Whether it refuses writing now.</param>
    public FilesystemSize(long size, long free, long available, ulong files = 0, ulong filesFree = 0, bool isReadOnly = false)
    {
        SizeBytes = size;
        FreeBytes = free;
        AvailableBytes = available;
        Files = files;
        FilesFree = filesFree;
        IsReadOnly = isReadOnly;
    }

    public FilesystemSize(string error) => Error = error;

    public long SizeBytes { get; }

    public long FreeBytes { get; }

    public long AvailableBytes { get; }

    public ulong Files { get; }

    public ulong FilesFree { get; }

    public bool IsReadOnly { get; }

    /// <summary>Why the numbers are missing; null when they are there.</summary>
    public string? Error { get; }

    /// <summary>Asks the kernel. Blocks for as long as the filesystem does. Never throws.</summary>
    /// <remarks>Not by DriveInfo, which does not tell the files and calls statvfs for each of the other three.</remarks>
    public static FilesystemSize Ask(string path)
    {
        int result = LibC.StatVfs(path, out LibC.FilesystemStatistics statistics);
        if (result < 0)
            return new FilesystemSize(LibC.Describe(result));
        try
        {
            // The blocks are counted in fragments, statvfs(3).
            checked
            {
                long unit = (long)statistics.FragmentSize;
                return new FilesystemSize(
                    (long)statistics.Blocks * unit,
                    (long)statistics.FreeBlocks * unit,
                    (long)statistics.AvailableBlocks * unit,
                    statistics.Files,
                    statistics.FreeFiles,
                    (statistics.Flags & LibC.ReadOnlyFlag) != 0);
            }
        }
        catch (OverflowException e)
        {
            return new FilesystemSize(IoFailure.Describe(e));
        }
    }
}
