using System;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>cpufreq: how fast each CPU runs and may run, and who decides, from /sys/devices/system/cpu/cpu*/cpufreq; kernel Documentation/admin-guide/pm/cpufreq.rst.</summary>
/// <remarks>A CPU that is off, or cannot change its frequency, as in most virtual machines, is absent. One that is switched on is there within a minute.</remarks>
internal sealed class CpuFrequencyCollector : ICollector
{
    private const string Folder = "devices/system/cpu";
    private const int MaxText = 512; // of the list of governors; there are six
    private const long HertzPerKilohertz = 1000;

    /// <summary>The attributes that are samples, in kHz.</summary>
    private static readonly (string Attribute, byte[] Family, byte[] Help)[] Frequencies =
    [
        ("cpuinfo_cur_freq", [.. "node_cpu_frequency_hertz"u8], [.. "How fast a CPU runs, as the hardware says."u8]),
        ("cpuinfo_avg_freq", [.. "node_cpu_frequency_avg_hertz"u8], [.. "How fast it ran lately."u8]),
        ("cpuinfo_min_freq", [.. "node_cpu_frequency_min_hertz"u8], [.. "How slow it can run."u8]),
        ("cpuinfo_max_freq", [.. "node_cpu_frequency_max_hertz"u8], [.. "How fast it can run."u8]),
        ("scaling_cur_freq", [.. "node_cpu_scaling_frequency_hertz"u8], [.. "How fast it runs, as was asked for last."u8]),
        ("scaling_min_freq", [.. "node_cpu_scaling_frequency_min_hertz"u8], [.. "How slow it may run."u8]),
        ("scaling_max_freq", [.. "node_cpu_scaling_frequency_max_hertz"u8], [.. "How fast it may run."u8]),
    ];

    private readonly SourceFolder _folder;
    private readonly DeviceSet<Cpu> _cpus;
    private RareLook _look; // at which there are, and which of them have a governor

    public CpuFrequencyCollector(SourceFiles files)
    {
        _folder = files.FolderInSys(Folder);
        _cpus = new DeviceSet<Cpu>(name => new Cpu(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        bool looks = _look.IsDue;
        if (looks && !TryFindCpus())
            return false;
        WriteGovernors(looks, writer);
        if (looks)
            _look.Done();
        for (int i = 0; i < Frequencies.Length; i++)
        {
            writer.Family(MetricType.Gauge, Frequencies[i].Family, Frequencies[i].Help);
            foreach (Cpu cpu in _cpus)
            {
                if (cpu.HasGovernor && cpu.Frequencies[i].TryReadNumber(out long kilohertz))
                    writer.Label("cpu"u8, cpu.Number).Sample(kilohertz * HertzPerKilohertz);
            }
        }
        return true;
    }

    private bool TryFindCpus()
    {
        using SourceFolder.Listing listing = _folder.List();
        _cpus.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            if (name.StartsWith("cpu"u8) && FieldReader.TryParseNumber(name["cpu".Length..], out _))
                _cpus.Get(name);
        }
        _cpus.EndRound();
        return listing.Exists;
    }

    private void WriteGovernors(bool looks, ExpositionWriter writer)
    {
        Span<byte> buffer = stackalloc byte[MaxText];
        Span<byte> governorBuffer = stackalloc byte[MaxText];
        writer.Family(MetricType.Gauge, "node_cpu_scaling_governor"u8, "Which of the governors decides how fast a CPU runs."u8);
        foreach (Cpu cpu in _cpus)
        {
            // Every CPU that takes part has one: the others' files need not be looked for.
            if (!looks && !cpu.HasGovernor)
                continue;
            cpu.HasGovernor = cpu.Governor.TryReadValue(governorBuffer, out ReadOnlySpan<byte> governor);
            if (!cpu.HasGovernor || !cpu.Governors.TryReadValue(buffer, out ReadOnlySpan<byte> available))
                continue;
            FieldReader names = new(available);
            while (names.TryRead(out ReadOnlySpan<byte> name))
                writer.Label("cpu"u8, cpu.Number).Label("governor"u8, name).Sample(name.SequenceEqual(governor) ? 1 : 0);
        }
    }

    /// <summary>The attributes of one CPU.</summary>
    private sealed class Cpu : Device
    {
        public Cpu(byte[] name, SourceFiles files)
            : base(name)
        {
            string folder = $"{Folder}/{Encoding.UTF8.GetString(name)}/cpufreq";
            Frequencies = Array.ConvertAll(
                CpuFrequencyCollector.Frequencies, frequency => files.InSys($"{folder}/{frequency.Attribute}"));
            Governor = files.InSys($"{folder}/scaling_governor");
            Governors = files.InSys($"{folder}/scaling_available_governors");
        }

        public ReadOnlySpan<byte> Number => Name.AsSpan("cpu".Length);

        /// <summary>In the order of the table above.</summary>
        public SourceFile[] Frequencies { get; }

        public SourceFile Governor { get; }

        public SourceFile Governors { get; }

        public bool HasGovernor { get; set; }

        public override void Dispose()
        {
            foreach (SourceFile file in (SourceFile[])[.. Frequencies, Governor, Governors])
                file.Dispose();
        }
    }
}
