using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>Time one CPU, or all together, spent in each mode since boot: one "cpu" line of /proc/stat, proc_stat(5).</summary>
/// <remarks>
/// The line counts in ticks of 1/USER_HZ second. USER_HZ is a constant of the kernel's interface, not of its
/// configuration: 100 on every architecture .NET runs on, whatever CONFIG_HZ is (include/asm-generic/param.h; the kernel
/// converts before it prints). So a tick is a hundredth of a second, and sysconf(_SC_CLK_TCK) has nothing to add.
/// "user" includes "guest" and "nice" includes "guest_nice", as the kernel accounts them.
/// </remarks>
internal readonly struct CpuTimes
{
    /// <summary>The number in place of the CPU's for the line that sums up all CPUs.</summary>
    public const int AllCpus = -1;

    private CpuTimes(int cpu, ref FieldReader fields, out bool whole)
    {
        Cpu = cpu;
        // All ten since Linux 2.6.33; .NET itself needs a younger kernel.
        whole = fields.TryReadNumber(out ulong user) & fields.TryReadNumber(out ulong nice)
            & fields.TryReadNumber(out ulong system) & fields.TryReadNumber(out ulong idle)
            & fields.TryReadNumber(out ulong ioWait) & fields.TryReadNumber(out ulong irq)
            & fields.TryReadNumber(out ulong softIrq) & fields.TryReadNumber(out ulong steal)
            & fields.TryReadNumber(out ulong guest) & fields.TryReadNumber(out ulong guestNice);
        User = new Hundredths(user);
        Nice = new Hundredths(nice);
        System = new Hundredths(system);
        Idle = new Hundredths(idle);
        IoWait = new Hundredths(ioWait);
        Irq = new Hundredths(irq);
        SoftIrq = new Hundredths(softIrq);
        Steal = new Hundredths(steal);
        Guest = new Hundredths(guest);
        GuestNice = new Hundredths(guestNice);
    }

    /// <summary>Number of the CPU, or <see cref="AllCpus"/>. Offline CPUs have no line, so numbers can have gaps.</summary>
    public int Cpu { get; }

    public Hundredths User { get; }

    public Hundredths Nice { get; }

    public Hundredths System { get; }

    public Hundredths Idle { get; }

    public Hundredths IoWait { get; }

    public Hundredths Irq { get; }

    public Hundredths SoftIrq { get; }

    public Hundredths Steal { get; }

    public Hundredths Guest { get; }

    public Hundredths GuestNice { get; }

    /// <summary>Time without work; iowait is the part of it with a disk still to answer.</summary>
    public ulong IdleTicks => Idle.Count + IoWait.Count;

    /// <summary>Time with work. Guests are in user and nice already.</summary>
    public ulong BusyTicks => User.Count + Nice.Count + System.Count + Irq.Count + SoftIrq.Count + Steal.Count;

    /// <summary>Whether a line of /proc/stat is one of those this type reads.</summary>
    public static bool IsCpuLine(ReadOnlySpan<byte> line) => line.StartsWith("cpu"u8);

    /// <summary>Reads "cpu  3667 0 …" or "cpu0 1551 0 …".</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out CpuTimes times)
    {
        times = default;
        FieldReader fields = new(line);
        if (!IsCpuLine(line) || !fields.TryRead(out ReadOnlySpan<byte> label))
            return false;

        int cpu = AllCpus;
        if (label.Length > "cpu".Length)
        {
            if (!FieldReader.TryParseNumber(label["cpu".Length..], out ulong number) || number > int.MaxValue)
                return false;
            cpu = (int)number;
        }
        times = new CpuTimes(cpu, ref fields, out bool whole);
        return whole;
    }

    /// <summary>Writes one member for each mode, in seconds.</summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        User.Write(writer, "user_seconds"u8);
        Nice.Write(writer, "nice_seconds"u8);
        System.Write(writer, "system_seconds"u8);
        Idle.Write(writer, "idle_seconds"u8);
        IoWait.Write(writer, "iowait_seconds"u8);
        Irq.Write(writer, "irq_seconds"u8);
        SoftIrq.Write(writer, "softirq_seconds"u8);
        Steal.Write(writer, "steal_seconds"u8);
        Guest.Write(writer, "guest_seconds"u8);
        GuestNice.Write(writer, "guest_nice_seconds"u8);
    }
}
