using System;
using System.IO;

namespace Appliance.Status;

/// <summary>What statvfs(3) says of one filesystem, or why it says nothing.</summary>
internal readonly struct FilesystemSize
{
    /// <param name="size">Bytes in all.</param>
    /// <param name="free">Bytes not in use.</param>
    /// <param name="available">Bytes an unprivileged user may still fill: less than free where root has a reserve.</param>
    public FilesystemSize(long size, long free, long available)
    {
        SizeBytes = size;
        FreeBytes = free;
        AvailableBytes = available;
    }

    public FilesystemSize(string error) => Error = error;

    public long SizeBytes { get; }

    public long FreeBytes { get; }

    public long AvailableBytes { get; }

    /// <summary>Why the numbers are missing; null when they are there.</summary>
    public string? Error { get; }

    /// <summary>Asks the kernel. Blocks for as long as the filesystem does. Never throws.</summary>
    /// <remarks>
    /// By DriveInfo, whose native shim is compiled for each ABI; a struct statvfs of our own would need a layout for each.
    /// </remarks>
    public static FilesystemSize Ask(string path)
    {
        try
        {
            DriveInfo drive = new(path);
            return new FilesystemSize(drive.TotalSize, drive.TotalFreeSpace, drive.AvailableFreeSpace);
        }
        catch (Exception e) when (IoFailure.IsOne(e))
        {
            return new FilesystemSize(IoFailure.Describe(e));
        }
    }
}
