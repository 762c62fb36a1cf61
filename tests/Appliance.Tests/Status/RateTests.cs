using System;
using System.Collections.Generic;
using System.Text.Json;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>What two answers together say: how fast counters grow.</summary>
public sealed class RateTests : IDisposable
{
    private readonly FixtureDevice _device = new();
    private readonly ManualTime _time = new();
    private readonly DeviceStatus _status;

    public RateTests() => _status = _device.Status(time: _time);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void TheFirstAnswerHasNoRates()
    {
        string first = FixtureDevice.Write(_status);
        Assert.DoesNotContain("per_second", first, StringComparison.Ordinal);
        Assert.DoesNotContain("usage_percent", first, StringComparison.Ordinal);
        Assert.DoesNotContain("busy_percent", first, StringComparison.Ordinal);
        Assert.DoesNotContain("cpu_percent", first, StringComparison.Ordinal);
        Assert.DoesNotContain("interval_seconds", first, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSecondAnswerHasThemOverTheTimeSinceTheFirst()
    {
        FixtureDevice.Write(_status);
        _device.Put("proc/stat",
            "cpu  350 4 550 60300 70 8 9 10 11 12\ncpu0 150 1 250 30100 30 4 4 5 11 12\ncpu1 200 3 300 30200 40 4 5 5 0 0\nbtime 1700000000\n");
        _device.Put("proc/diskstats", "   8 0 sda 110 0 2400 10 54 0 4008 20 0 2300 30\n");
        PutInterface(received: 1000, packets: 11, sent: 8010);
        _time.Advance(TimeSpan.FromSeconds(4));
        using JsonDocument document = JsonDocument.Parse(FixtureDevice.Write(_status));

        JsonElement cpu = document.RootElement.GetProperty("cpu");
        Assert.Equal("4.00", cpu.GetProperty("total").GetProperty("interval_seconds").GetRawText());
        Assert.Equal("25.00", cpu.GetProperty("total").GetProperty("usage_percent").GetRawText());
        Assert.Equal("50.00", cpu.GetProperty("cpus")[0].GetProperty("usage_percent").GetRawText());
        Assert.Equal("0.00", cpu.GetProperty("cpus")[1].GetProperty("usage_percent").GetRawText());

        JsonElement disk = document.RootElement.GetProperty("disks")[0];
        Assert.Equal(400 * 512 / 4, disk.GetProperty("read_bytes_per_second").GetInt64());
        Assert.Equal(8 * 512 / 4, disk.GetProperty("written_bytes_per_second").GetInt64());
        Assert.Equal(2, disk.GetProperty("reads_per_second").GetInt64());
        Assert.Equal(1, disk.GetProperty("writes_per_second").GetInt64());
        Assert.Equal("50.00", disk.GetProperty("busy_percent").GetRawText());

        JsonElement lo = document.RootElement.GetProperty("interfaces")[0];
        Assert.Equal(990 / 4, lo.GetProperty("receive").GetProperty("bytes_per_second").GetInt64());
        Assert.Equal(2, lo.GetProperty("receive").GetProperty("packets_per_second").GetInt64());
        Assert.Equal(2000, lo.GetProperty("transmit").GetProperty("bytes_per_second").GetInt64());
        Assert.Equal("4.00", lo.GetProperty("interval_seconds").GetRawText());
    }

    [Fact]
    public void AnotherClientDoesNotMakeTheIntervalTooShort()
    {
        FixtureDevice.Write(_status);
        _time.Advance(TimeSpan.FromSeconds(10));
        FixtureDevice.Write(_status);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        using JsonDocument document = JsonDocument.Parse(FixtureDevice.Write(_status));
        Assert.Equal(10.1, document.RootElement.GetProperty("disks")[0].GetProperty("interval_seconds").GetDouble());
    }

    [Fact]
    public void ACounterThatWentBackHasNoRateAndADeviceThatIsNewNone()
    {
        FixtureDevice.Write(_status);
        _device.Put("proc/diskstats", "   8 0 sda 110 0 1 10 54 0 4008 20 0 1 30\n   8 16 sdb 110 0 1 10 54 0 4008 20 0 1 30\n");
        _time.Advance(TimeSpan.FromSeconds(1));
        using JsonDocument document = JsonDocument.Parse(FixtureDevice.Write(_status));
        JsonElement disks = document.RootElement.GetProperty("disks");
        Assert.False(disks[0].TryGetProperty("read_bytes_per_second", out _));
        Assert.False(disks[0].TryGetProperty("busy_percent", out _));
        Assert.True(disks[0].TryGetProperty("written_bytes_per_second", out _));
        Assert.False(disks[1].TryGetProperty("interval_seconds", out _));
    }

    [Fact]
    public void ProcessesAreOrderedByWhatTheyUsedSince()
    {
        FixtureDevice.Write(_status);
        _device.Put("proc/1/stat", "1 (init) S 0 1 1 0 -1 4194560 1 2 3 4 110 65 0 0 20 0 1 0 5 1000000 100 0\n"); // 100 ticks more
        _device.Put("proc/42/stat", "42 (again) R 1 42 42 0 -1 4194560 1 2 3 4 10 20 0 0 20 0 1 0 99000 1000000 300 0\n"); // another process
        _device.Put("proc/43/stat", "43 (new) R 1 42 42 0 -1 4194560 1 2 3 4 3 0 0 0 20 0 1 0 99001 1000000 1 0\n");
        _time.Advance(TimeSpan.FromSeconds(2));
        using JsonDocument document = JsonDocument.Parse(FixtureDevice.Write(_status));
        JsonElement processes = document.RootElement.GetProperty("processes");
        List<string> byCpu = [];
        foreach (JsonElement process in processes.GetProperty("by_cpu").EnumerateArray())
            byCpu.Add($"{process.GetProperty("pid")} {process.GetProperty("cpu_percent")}");
        Assert.Equal(["1 50.00", "42 15.00", "43 1.50"], byCpu);
        Assert.Equal(42, processes.GetProperty("by_memory")[0].GetProperty("pid").GetInt32());
    }

    private void PutInterface(int received, int packets, int sent) =>
        _device.Put("proc/net/dev", $"head\nhead\nlo: {received} {packets} 0 0 0 0 0 0 {sent} 1 0 0 0 0 0 0\n");
}
