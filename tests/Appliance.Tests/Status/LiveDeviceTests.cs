using System;
using System.Text.Json;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>The machine the tests run on, whatever it is: only relations that hold everywhere.</summary>
public class LiveDeviceTests
{
    [Fact]
    public void ThisMachineGivesAValidAndPlausibleDocument()
    {
        StatusRoots roots = new();
        string text = FixtureDevice.Write(new DeviceStatus(roots, new FilesystemProbe(roots, FilesystemSize.Ask, DeviceStatus.DefaultMountDeadline, TimeSpan.FromMinutes(1))));
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;

        Assert.StartsWith(Environment.MachineName, root.GetProperty("hostname").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(root.GetProperty("kernel").GetString()!);
        double uptime = root.GetProperty("uptime_seconds").GetDouble();
        Assert.True(uptime > 0);
        Assert.InRange(root.GetProperty("load").GetProperty("1m").GetDouble(), 0, 1e6);
        Assert.True(root.GetProperty("boot_time_unix_seconds").GetInt64() > 0);

        JsonElement cpu = root.GetProperty("cpu");
        Assert.True(cpu.GetProperty("count").GetInt32() >= 1);
        Assert.Equal(cpu.GetProperty("count").GetInt32(), cpu.GetProperty("cpus").GetArrayLength());
        Assert.True(cpu.GetProperty("total").GetProperty("user_seconds").GetDouble() > 0);

        JsonElement memory = root.GetProperty("memory");
        long total = memory.GetProperty("total_bytes").GetInt64();
        Assert.InRange(memory.GetProperty("available_bytes").GetInt64(), 1, total);
        Assert.InRange(memory.GetProperty("free_bytes").GetInt64(), 1, total);
        Assert.InRange(memory.GetProperty("swap_free_bytes").GetInt64(), 0, memory.GetProperty("swap_total_bytes").GetInt64());

        foreach (JsonElement filesystem in root.GetProperty("filesystems").EnumerateArray())
        {
            Assert.StartsWith("/", filesystem.GetProperty("mountpoint").GetString(), StringComparison.Ordinal);
            if (filesystem.TryGetProperty("error", out _))
                continue;
            long free = filesystem.GetProperty("free_bytes").GetInt64();
            Assert.InRange(free, 0, filesystem.GetProperty("size_bytes").GetInt64());
            Assert.InRange(filesystem.GetProperty("available_bytes").GetInt64(), 0, free);
        }

        bool hasLoopback = false;
        foreach (JsonElement face in root.GetProperty("interfaces").EnumerateArray())
        {
            hasLoopback |= face.GetProperty("name").GetString() == "lo";
            Assert.True(face.GetProperty("receive").TryGetProperty("bytes", out _));
            Assert.True(face.GetProperty("transmit").TryGetProperty("bytes", out _));
        }
        Assert.True(hasLoopback);
        Assert.Equal(0, root.GetProperty("unavailable").GetArrayLength());
    }
}
