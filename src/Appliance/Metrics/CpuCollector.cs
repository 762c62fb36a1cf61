using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>cpu: time each CPU spent in each mode (/proc/stat), and what sysfs says of it (<see cref="CpuFolders"/>).</summary>
/// <remarks>
/// The kernel's idle and iowait times go back a little now and then (the time of the running idle period is estimated), which
/// to a scraper looks like a restart. So the greater value is kept, unless idle went back by so much that the CPU was off.
/// </remarks>
internal sealed class CpuCollector(SourceFiles files) : ICollector
{
    private const int ModeCount = 10;
    private const int Idle = 3;
    private const ulong RestartTicks = 300; // 3 seconds, as node_exporter's jumpBackSeconds

    private readonly SourceFile _file = files.InProc("stat", hasShortRecords: true);
    private readonly CpuFolders _folders = new(files);
    private Times _times = new();
    private Times _previous = new();

    public bool Collect(ExpositionWriter writer)
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text) || !TryParse(text))
            return false;

        writer.Family(MetricType.Counter, "node_cpu_seconds_total"u8, "Time each CPU spent in each mode."u8);
        for (int i = 0; i < _times.Count; i++)
        {
            Write(i, 0, "user"u8, writer);
            Write(i, 1, "nice"u8, writer);
            Write(i, 2, "system"u8, writer);
            Write(i, Idle, "idle"u8, writer);
            Write(i, 4, "iowait"u8, writer);
            Write(i, 5, "irq"u8, writer);
            Write(i, 6, "softirq"u8, writer);
            Write(i, 7, "steal"u8, writer);
        }
        writer.Family(MetricType.Counter, "node_cpu_guest_seconds_total"u8, "Of user and nice, time each CPU ran guests."u8);
        for (int i = 0; i < _times.Count; i++)
        {
            Write(i, 8, "user"u8, writer);
            Write(i, 9, "nice"u8, writer);
        }
        _folders.Write(_times.Count, writer);
        return true;
    }

    private bool TryParse(ReadOnlySpan<byte> text)
    {
        (_previous, _times) = (_times, _previous);
        _times.Clear();
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!CpuTimes.IsCpuLine(line))
                continue;
            if (!CpuTimes.TryParse(line, out CpuTimes times))
                return false;
            if (times.Cpu != CpuTimes.AllCpus)
                KeepGreater(_times.Add(times), _previous.Find(times.Cpu, _times.Count - 1));
        }
        return _times.Count > 0 && !lines.IsCut;
    }

    private static void KeepGreater(Span<ulong> now, ReadOnlySpan<ulong> before)
    {
        if (before.IsEmpty || before[Idle] >= now[Idle] + RestartTicks)
            return;
        for (int mode = 0; mode < ModeCount; mode++)
            now[mode] = Math.Max(now[mode], before[mode]);
    }

    private void Write(int index, int mode, ReadOnlySpan<byte> name, ExpositionWriter writer) =>
        writer.Label("cpu"u8, _times.Cpu(index)).Label("mode"u8, name).Sample(_times.Of(index)[mode], decimals: 2);

    /// <summary>The CPUs that are online and their ticks in each mode.</summary>
    private sealed class Times
    {
        private int[] _cpus = new int[4];
        private ulong[] _ticks = new ulong[4 * ModeCount];

        public int Count { get; private set; }

        public void Clear() => Count = 0;

        public int Cpu(int index) => _cpus[index];

        public Span<ulong> Of(int index) => _ticks.AsSpan(index * ModeCount, ModeCount);

        public Span<ulong> Add(in CpuTimes times)
        {
            if (Count == _cpus.Length)
            {
                Array.Resize(ref _cpus, Count * 2);
                Array.Resize(ref _ticks, Count * 2 * ModeCount);
            }
            _cpus[Count] = times.Cpu;
            Span<ulong> ticks = Of(Count++);
            ReadOnlySpan<ulong> modes =
            [
                times.User.Count, times.Nice.Count, times.System.Count, times.Idle.Count, times.IoWait.Count,
                times.Irq.Count, times.SoftIrq.Count, times.Steal.Count, times.Guest.Count, times.GuestNice.Count,
            ];
            modes.CopyTo(ticks);
            return ticks;
        }

        /// <summary>The ticks of a CPU, which usually stands where it stood before; empty when it was not there.</summary>
        public ReadOnlySpan<ulong> Find(int cpu, int likelyIndex)
        {
            int index = likelyIndex < Count && _cpus[likelyIndex] == cpu ? likelyIndex : Array.IndexOf(_cpus, cpu, 0, Count);
            return index < 0 ? default : Of(index);
        }
    }
}
