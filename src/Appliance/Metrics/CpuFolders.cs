using System;
using System.Collections.Generic;
using System.Globalization;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>
/// What /sys/devices/system/cpu says: which CPUs are isolated and online, and how often they were throttled; kernel
/// Documentation/ABI/testing/sysfs-devices-system-cpu. Each part may be missing.
/// </summary>
internal sealed class CpuFolders(SourceFiles files)
{
    private const string Folder = "devices/system/cpu";
    private const int MaxCpu = 8191; // CONFIG_NR_CPUS at its greatest

    private readonly SourceFile _isolated = files.InSys($"{Folder}/isolated");
    private readonly List<Throttle> _cores = [];
    private readonly List<Throttle> _packages = [];
    private readonly List<(int Cpu, SourceFile File)> _online = [];
    private int _cpusOnline = -1;

    /// <summary>Writes the families whose files are there.</summary>
    /// <param name="cpusOnline">How many there are now; when it changes, the folders are looked for again.</param>
    /// <param name="writer">Where to.</param>
    public void Write(int cpusOnline, ExpositionWriter writer)
    {
        if (cpusOnline != _cpusOnline)
        {
            Open();
            _cpusOnline = cpusOnline;
        }

        writer.Family(MetricType.Gauge, "node_cpu_isolated"u8, "CPUs the scheduler leaves alone; always 1."u8);
        WriteIsolated(writer);
        writer.Family(MetricType.Counter, "node_cpu_package_throttles_total"u8, "Times a package was slowed down, being too hot."u8);
        foreach (Throttle throttle in _packages)
        {
            if (throttle.File.TryReadNumber(out long count))
                writer.Label("package"u8, throttle.Package).Sample(count);
        }
        writer.Family(MetricType.Counter, "node_cpu_core_throttles_total"u8, "Times a core was slowed down, being too hot."u8);
        foreach (Throttle throttle in _cores)
        {
            if (throttle.File.TryReadNumber(out long count))
                writer.Label("package"u8, throttle.Package).Label("core"u8, throttle.Core).Sample(count);
        }
        writer.Family(MetricType.Gauge, "node_cpu_online"u8, "Whether a CPU is used."u8);
        foreach ((int cpu, SourceFile file) in _online)
            writer.Label("cpu"u8, cpu).Sample(file.TryReadNumber(out long online) && online == 1 ? 1 : 0);
    }

    /// <summary>Reads a list such as "1,3-5,9". One that is malformed says nothing.</summary>
    private void WriteIsolated(ExpositionWriter writer)
    {
        if (!_isolated.TryRead(out ReadOnlySpan<byte> list))
            return;
        list = list.TrimEnd((byte)'\n');
        while (!list.IsEmpty)
        {
            int comma = list.IndexOf((byte)',');
            ReadOnlySpan<byte> item = comma < 0 ? list : list[..comma];
            list = comma < 0 ? default : list[(comma + 1)..];
            int dash = item.IndexOf((byte)'-');
            if (!FieldReader.TryParseNumber(dash < 0 ? item : item[..dash], out ulong first)
                || !FieldReader.TryParseNumber(item[(dash + 1)..], out ulong last) || last > MaxCpu)
            {
                return;
            }
            for (ulong cpu = first; cpu <= last; cpu++)
                writer.Label("cpu"u8, (long)cpu).Sample(1);
        }
    }

    private void Open()
    {
        Close();
        foreach (int cpu in Numbers())
        {
            string folder = $"{Folder}/cpu{cpu.ToString(CultureInfo.InvariantCulture)}";
            OpenThrottles(folder);
            _online.Add((cpu, files.InSys($"{folder}/online")));
        }
        // Where the first CPU cannot be switched off, node_exporter says nothing of the others either.
        if (_online.Count > 0 && !_online[0].File.TryReadNumber(out _) && _online[0].File.IsMissing)
            _online.Clear();
    }

    /// <summary>CPUs of one core share its counter, so only the first one's is read; likewise for packages.</summary>
    private void OpenThrottles(string folder)
    {
        if (!TryReadOnce($"{folder}/topology/physical_package_id", out long package) || package < 0
            || !TryReadOnce($"{folder}/topology/core_id", out long core) || core < 0)
        {
            return;
        }
        if (!_cores.Exists(known => known.Package == package && known.Core == core)
            && TryReadOnce($"{folder}/thermal_throttle/core_throttle_count", out _))
        {
            _cores.Add(new Throttle(package, core, files.InSys($"{folder}/thermal_throttle/core_throttle_count")));
        }
        if (!_packages.Exists(known => known.Package == package)
            && TryReadOnce($"{folder}/thermal_throttle/package_throttle_count", out _))
        {
            _packages.Add(new Throttle(package, core, files.InSys($"{folder}/thermal_throttle/package_throttle_count")));
        }
    }

    private bool TryReadOnce(string path, out long number)
    {
        using SourceFile file = files.InSys(path);
        return file.TryReadNumber(out number);
    }

    private List<int> Numbers()
    {
        List<int> numbers = [];
        using SourceFolder.Listing listing = files.FolderInSys(Folder).List();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            if (name.StartsWith("cpu"u8) && FieldReader.TryParseNumber(name["cpu".Length..], out ulong number) && number <= MaxCpu)
                numbers.Add((int)number);
        }
        numbers.Sort();
        return numbers;
    }

    private void Close()
    {
        foreach (Throttle throttle in _cores)
            throttle.File.Dispose();
        foreach (Throttle throttle in _packages)
            throttle.File.Dispose();
        foreach ((_, SourceFile file) in _online)
            file.Dispose();
        _cores.Clear();
        _packages.Clear();
        _online.Clear();
    }

    private readonly record struct Throttle(long Package, long Core, SourceFile File);
}
