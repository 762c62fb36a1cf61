using System;

namespace Appliance.Status;

/// <summary>
/// One mount, as a line of /proc/self/mountinfo has it; proc_pid_mountinfo(5), kernel Documentation/filesystems/proc.rst §3.5:
/// <c>36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/root rw,errors=continue</c>, that is ID, parent, device number,
/// root within the filesystem, mount point, mount options, any number of optional fields, a dash, type, source, superblock
/// options.
/// </summary>
internal readonly ref struct MountLine
{
    private MountLine(
        int id,
        ReadOnlySpan<byte> deviceNumber,
        ReadOnlySpan<byte> mountpoint,
        ReadOnlySpan<byte> type,
        ReadOnlySpan<byte> device,
        bool readOnly)
    {
        Id = id;
        DeviceNumber = deviceNumber;
        Mountpoint = mountpoint;
        Type = type;
        Device = device;
        ReadOnly = readOnly;
    }

    /// <summary>The kernel's number for the mount, unique as long as it lasts.</summary>
    public int Id { get; }

    /// <summary>Major and minor number of the filesystem's device, such as "8:1".</summary>
    public ReadOnlySpan<byte> DeviceNumber { get; }

    /// <summary>Still with the kernel's octal escapes; see <see cref="Unescape"/>.</summary>
    public ReadOnlySpan<byte> Mountpoint { get; }

    public ReadOnlySpan<byte> Type { get; }

    /// <summary>Still with the kernel's octal escapes. May be empty.</summary>
    public ReadOnlySpan<byte> Device { get; }

    /// <summary>Whether the mount or its superblock refuses writing, be it after an error.</summary>
    public bool ReadOnly { get; }

    public static bool TryParse(ReadOnlySpan<byte> line, out MountLine mount)
    {
        mount = default;
        ReadOnlySpan<byte> rest = line;
        if (!TryCut(ref rest, out ReadOnlySpan<byte> id)
            || !FieldReader.TryParseNumber(id, out ulong number) || number > int.MaxValue
            || !TryCut(ref rest, out _) || !TryCut(ref rest, out ReadOnlySpan<byte> deviceNumber) || !TryCut(ref rest, out _)
            || !TryCut(ref rest, out ReadOnlySpan<byte> mountpoint) || mountpoint.IsEmpty || mountpoint[0] != (byte)'/'
            || !TryCut(ref rest, out ReadOnlySpan<byte> options))
        {
            return false;
        }

        ReadOnlySpan<byte> field;
        do
        {
            if (!TryCut(ref rest, out field))
                return false;
        }
        while (!field.SequenceEqual("-"u8));

        if (!TryCut(ref rest, out ReadOnlySpan<byte> type) || !TryCut(ref rest, out ReadOnlySpan<byte> device))
            return false;

        bool readOnly = HasOption(options, "ro"u8) || HasOption(rest, "ro"u8) || HasOption(rest, "emergency_ro"u8);
        mount = new MountLine((int)number, deviceNumber, mountpoint, type, device, readOnly);
        return true;
    }

    /// <summary>Undoes the kernel's escapes for blanks and backslashes: \040 \011 \012 \134, and \043 of newer kernels.</summary>
    /// <param name="field">The field as it stands in the line.</param>
    /// <param name="destination">At least as long as <paramref name="field"/>.</param>
    /// <returns>How many bytes were written. A backslash that starts no escape stays as it is.</returns>
    public static int Unescape(ReadOnlySpan<byte> field, Span<byte> destination)
    {
        int length = 0;
        for (int i = 0; i < field.Length; i++)
        {
            byte b = field[i];
            if (b == (byte)'\\' && i + 3 < field.Length
                && field[i + 1] is >= (byte)'0' and <= (byte)'3'
                && field[i + 2] is >= (byte)'0' and <= (byte)'7'
                && field[i + 3] is >= (byte)'0' and <= (byte)'7')
            {
                b = (byte)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0'));
                i += 3;
            }
            destination[length++] = b;
        }
        return length;
    }

    // One blank ends one field: a mount with an empty source has two in a row, and they count.
    private static bool TryCut(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> field)
    {
        int blank = rest.IndexOf((byte)' ');
        if (blank < 0)
        {
            field = default;
            return false;
        }
        field = rest[..blank];
        rest = rest[(blank + 1)..];
        return true;
    }

    private static bool HasOption(ReadOnlySpan<byte> options, ReadOnlySpan<byte> wanted)
    {
        while (true)
        {
            int comma = options.IndexOf((byte)',');
            if ((comma < 0 ? options : options[..comma]).SequenceEqual(wanted))
                return true;
            if (comma < 0)
                return false;
            options = options[(comma + 1)..];
        }
    }
}
