using System;

namespace Appliance.Status;

/// <summary>
/// A message of the kernel: a line of a record of /dev/kmsg, "4,339,5140900,-;NET: Registered PF_INET6 protocol family", that is facility
/// and level, number, microseconds since the start, flags, then the text; kernel Documentation/ABI/testing/dev-kmsg.
/// </summary>
internal readonly ref struct KernelMessage
{
    private const ulong LevelMask = 7; // the facility is above

    private KernelMessage(int level, ulong microseconds, ReadOnlySpan<byte> text)
    {
        Level = level;
        Microseconds = microseconds;
        Text = text;
    }

    /// <summary>syslog(3): 0 is an emergency, 4 a warning, 7 for debugging.</summary>
    public int Level { get; }

    /// <summary>Since the start of the device.</summary>
    public ulong Microseconds { get; }

    /// <summary>Unprintable bytes come as \x and two digits from the kernel.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <returns>False too for a line that continues a record with a property, which begins with a blank.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out KernelMessage message)
    {
        message = default;
        int end = line.IndexOf((byte)';');
        if (end < 0 || !TryReadNumber(ref line, out ulong priority) || !TryReadNumber(ref line, out _) || !TryReadNumber(ref line, out ulong microseconds))
            return false;
        message = new KernelMessage((int)(priority & LevelMask), microseconds, line[(line.IndexOf((byte)';') + 1)..]);
        return true;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> rest, out ulong number)
    {
        number = 0;
        int comma = rest.IndexOf((byte)',');
        if (comma < 0 || !FieldReader.TryParseNumber(rest[..comma], out number))
            return false;
        rest = rest[(comma + 1)..];
        return true;
    }
}
