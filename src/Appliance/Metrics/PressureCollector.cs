using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>
/// pressure: time tasks waited for CPU, memory, disks or interrupts, from /proc/pressure; kernel Documentation/accounting/psi.rst:
/// <c>some avg10=0.18 avg60=0.34 avg300=0.10 total=159886802</c>, in microseconds.
/// </summary>
/// <remarks>
/// "some": at least one task waited; "full": all did. Kernels before 4.20, without CONFIG_PSI or with psi=0 have none, those
/// before 6.1 no irq; irq has no "some".
/// </remarks>
internal sealed class PressureCollector(SourceFiles files) : ICollector
{
    private readonly SourceFile _cpu = files.InProc("pressure/cpu", hasShortRecords: true);
    private readonly SourceFile _disks = files.InProc("pressure/io", hasShortRecords: true);
    private readonly SourceFile _memory = files.InProc("pressure/memory", hasShortRecords: true);
    private readonly SourceFile _interrupts = files.InProc("pressure/irq", hasShortRecords: true);
    private RareLook _look; // whether they are there after all

    public bool Collect(ExpositionWriter writer) =>
        CollectCpu(writer) && CollectDisks(writer) && CollectMemory(writer) && CollectInterrupts(writer)
        && !(_cpu.IsMissing && _disks.IsMissing && _memory.IsMissing && _interrupts.IsMissing);

    private bool CollectCpu(ExpositionWriter writer) => _cpu.TryRead(out ReadOnlySpan<byte> text)
        ? Write(text, "some "u8, "node_pressure_cpu_waiting_seconds_total"u8, "Time tasks waited for a CPU."u8, writer)
        : _cpu.IsMissing;

    private bool CollectDisks(ExpositionWriter writer) => _disks.TryRead(out ReadOnlySpan<byte> text)
        ? Write(text, "some "u8, "node_pressure_io_waiting_seconds_total"u8, "Time tasks waited for disks."u8, writer)
            && Write(text, "full "u8, "node_pressure_io_stalled_seconds_total"u8, "Time all tasks waited for disks."u8, writer)
        : _disks.IsMissing;

    private bool CollectMemory(ExpositionWriter writer) => _memory.TryRead(out ReadOnlySpan<byte> text)
        ? Write(text, "some "u8, "node_pressure_memory_waiting_seconds_total"u8, "Time tasks waited for memory."u8, writer)
            && Write(text, "full "u8, "node_pressure_memory_stalled_seconds_total"u8, "Time all tasks waited for memory."u8, writer)
        : _memory.IsMissing;

    private bool CollectInterrupts(ExpositionWriter writer)
    {
        if (_interrupts.IsMissing && !_look.IsDue)
            return true;
        if (_interrupts.TryRead(out ReadOnlySpan<byte> text))
            return Write(text, "full "u8, "node_pressure_irq_stalled_seconds_total"u8, "Time tasks waited for interrupts."u8, writer);
        _look.Done();
        return _interrupts.IsMissing;
    }

    private static bool Write(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ExpositionWriter writer)
    {
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            int total = line.LastIndexOf(" total="u8);
            if (!line.StartsWith(kind) || total < 0)
                continue;
            if (!FieldReader.TryParseNumber(line[(total + " total=".Length)..], out ulong microseconds))
                return false;
            writer.Family(MetricType.Counter, name, help);
            writer.Sample(microseconds, decimals: 6);
            return true;
        }
        return false;
    }
}
