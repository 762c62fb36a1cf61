using System;
using System.Collections.Generic;
using Xunit;

namespace Appliance.Tests.Metrics;

public sealed class WatchdogCollectorTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void AWatchdogTellsWhatItsDriverTells()
    {
        Put("watchdog0", "identity", "Board \"7\" Watchdog");
        Put("watchdog0", "status", "0x8000");
        Put("watchdog0", "timeout", "30");
        Put("watchdog0", "timeleft", "soon");
        Put("watchdog0", "nowayout", "1");
        Put("watchdog1", "unknown", "1");
        Assert.Equal(
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["node_watchdog_info{identity=\"Board \\\"7\\\" Watchdog\",name=\"watchdog0\",options=\"\",pretimeout_governor=\"\","
                    + "state=\"\",status=\"0x8000\"}"] = 1,
                ["node_watchdog_info{identity=\"\",name=\"watchdog1\",options=\"\",pretimeout_governor=\"\",state=\"\",status=\"\"}"] = 1,
                ["node_watchdog_timeout_seconds{name=\"watchdog0\"}"] = 30,
                ["node_watchdog_nowayout{name=\"watchdog0\"}"] = 1,
            },
            new SortedDictionary<string, double>(_device.Ask("watchdog")!.Samples, StringComparer.Ordinal));
    }

    [Fact]
    public void WithoutTheFolderItFails() => Assert.Null(_device.Ask("watchdog"));

    private void Put(string watchdog, string attribute, string text) => _device.Put($"sys/class/watchdog/{watchdog}/{attribute}", $"{text}\n");
}
