using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>What node_exporter makes of its own fixtures, the parsers here make of them too.</summary>
public class NodeExporterFixtureTests
{
    [NodeExporterFact]
    public void CpuTimesAndBootTimeAgree()
    {
        Dictionary<string, byte[]> files = NodeExporterFixtures.ReadFiles();
        Dictionary<string, double> expected = ExpectedSamples(files);
        byte[] stat = files["proc/stat"];
        Assert.Null(KernelStatistics.Parse(stat, out KernelStatistics statistics));
        Assert.Equal(expected["node_boot_time_seconds"], statistics.BootTime);

        int compared = 0;
        LineReader lines = new(stat);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!CpuTimes.TryParse(line, out CpuTimes times) || times.Cpu == CpuTimes.AllCpus)
                continue;
            string cpu = "node_cpu_seconds_total{cpu=\"" + times.Cpu.ToString(CultureInfo.InvariantCulture) + "\",mode=\"";
            Assert.Equal(expected[cpu + "user\"}"], times.User.Count / 100.0);
            Assert.Equal(expected[cpu + "system\"}"], times.System.Count / 100.0);
            Assert.Equal(expected[cpu + "idle\"}"], times.Idle.Count / 100.0);
            Assert.Equal(expected[cpu + "steal\"}"], times.Steal.Count / 100.0);
            compared++;
        }
        Assert.Equal(statistics.CpuCount, compared);
    }

    [NodeExporterFact]
    public void LoadAndMemoryAgree()
    {
        Dictionary<string, byte[]> files = NodeExporterFixtures.ReadFiles();
        Dictionary<string, double> expected = ExpectedSamples(files);
        Assert.True(LoadAverage.TryParse(files["proc/loadavg"], out LoadAverage load));
        Assert.Equal(expected["node_load1"], load.OneMinute.Count / 100.0);
        Assert.Equal(expected["node_load5"], load.FiveMinutes.Count / 100.0);
        Assert.Equal(expected["node_load15"], load.FifteenMinutes.Count / 100.0);

        Assert.Null(MemoryInfo.Parse(files["proc/meminfo"], out MemoryInfo memory));
        Assert.Equal(expected["node_memory_MemTotal_bytes"], memory.TotalBytes);
        Assert.Equal(expected["node_memory_MemFree_bytes"], memory.FreeBytes);
        Assert.Equal(expected["node_memory_Buffers_bytes"], memory.BuffersBytes);
        Assert.Equal(expected["node_memory_Cached_bytes"], memory.CachedBytes);
        Assert.Equal(expected["node_memory_SwapTotal_bytes"], memory.SwapTotalBytes);
        Assert.Equal(expected["node_memory_SwapFree_bytes"], memory.SwapFreeBytes);
    }

    private static Dictionary<string, double> ExpectedSamples(Dictionary<string, byte[]> files)
    {
        Dictionary<string, double> samples = [];
        foreach (string line in Encoding.UTF8.GetString(files["e2e-output.txt"]).Split('\n'))
        {
            int blank = line.LastIndexOf(' ');
            if (blank <= 0 || line[0] == '#')
                continue;
            if (double.TryParse(line[(blank + 1)..], CultureInfo.InvariantCulture, out double value))
                samples[line[..blank]] = value;
        }
        return samples;
    }
}
