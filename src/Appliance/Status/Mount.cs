using System.Text;
using System.Text.Unicode;

namespace Appliance.Status;

/// <summary>A mount worth asking for its size, kept beyond the text it was read from.</summary>
/// <param name="id">The kernel's number for it.</param>
/// <param name="mountpoint">Bytes without escapes.</param>
/// <param name="device">Bytes without escapes.</param>
/// <param name="type">Filesystem type.</param>
/// <param name="readOnly">Whether writing is refused.</param>
/// <param name="deviceNumber">Major and minor number of the device, such as "8:1".</param>
internal sealed class Mount(int id, byte[] mountpoint, byte[] device, byte[] type, bool readOnly, byte[]? deviceNumber = null)
{
    public int Id { get; } = id;

    public byte[] Mountpoint { get; } = mountpoint;

    public byte[] Device { get; } = device;

    public byte[] Type { get; } = type;

    public bool ReadOnly { get; } = readOnly;

    public byte[] DeviceNumber { get; } = deviceNumber ?? [];

    /// <summary>Whether statvfs(3) on it does not wait for a server or a disk: its filesystem keeps its sizes in memory, and no other kind lies above it.</summary>
    public bool AnswersAtOnce { get; set; }

    /// <summary>The mount point as a path for the BCL; null where it is not UTF-8 and so cannot be one.</summary>
    public string? Path { get; } = Utf8.IsValid(mountpoint) ? Encoding.UTF8.GetString(mountpoint) : null;
}
