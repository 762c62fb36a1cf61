using System;

namespace Appliance.Status;

/// <summary>One process: the text of /proc/[pid]/stat, proc_pid_stat(5): "4012 (some name) S 1 …".</summary>
internal readonly ref struct ProcessLine
{
    // Places of fields behind the name, counted from the state, which is field 3 there.
    private const int UserTicks = 14 - 3;
    private const int SystemTicks = 15 - 3;
    private const int StartTicks = 22 - 3;
    private const int VirtualSize = 23 - 3;
    private const int ResidentPages = 24 - 3;

    private ProcessLine(ReadOnlySpan<byte> id, ReadOnlySpan<byte> name, scoped ReadOnlySpan<ulong> numbers)
    {
        Id = id;
        Name = name;
        CpuTicks = numbers[UserTicks] + numbers[SystemTicks];
        StartedAt = numbers[StartTicks];
        VirtualBytes = numbers[VirtualSize];
        ResidentPageCount = numbers[ResidentPages];
    }

    public ReadOnlySpan<byte> Id { get; }

    /// <summary>As the process says, so it may hold anything: up to 15 bytes, blanks and brackets among them.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>CPU time in hundredths of a second; see <see cref="CpuTimes"/>.</summary>
    public ulong CpuTicks { get; }

    /// <summary>Hundredths of a second after the start of the device: tells it from a later process with the same id.</summary>
    public ulong StartedAt { get; }

    /// <summary>Bytes of its address space; most of them are nowhere.</summary>
    public ulong VirtualBytes { get; }

    public ulong ResidentPageCount { get; }

    public static bool TryParse(ReadOnlySpan<byte> text, out ProcessLine process)
    {
        process = default;
        int open = text.IndexOf(" ("u8);
        int close = text.LastIndexOf(") "u8);
        if (open < 0 || close < open)
            return false;
        FieldReader fields = new(text[(close + 2)..]);
        Span<ulong> numbers = stackalloc ulong[ResidentPages + 1];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!fields.TryRead(out ReadOnlySpan<byte> field))
                return false;
            // The state is a letter and some others are negative; none of those is asked for.
            if (!FieldReader.TryParseNumber(field, out numbers[i]) && i is UserTicks or SystemTicks or StartTicks or VirtualSize or ResidentPages)
                return false;
        }
        process = new ProcessLine(text[..open], text[(open + 2)..close], numbers);
        return true;
    }
}
