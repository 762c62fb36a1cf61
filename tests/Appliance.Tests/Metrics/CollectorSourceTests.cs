using System;
using System.Text;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What collectors make of sources that are damaged or missing.</summary>
public sealed class CollectorSourceTests : IDisposable
{
    private readonly Scraped _device = new();

    public void Dispose() => _device.Dispose();

    /// <summary>What a kernel lacks that has no IPv4, no IPv6, or no statistics of its connections.</summary>
    private static readonly string[] Optional =
    [
        "proc/net/snmp6", "proc/net/sockstat", "proc/net/sockstat6", "proc/net/udp", "proc/net/udp6", "proc/net/stat/nf_conntrack",
    ];

    [Theory]
    [MemberData(nameof(CollectorSources.All), MemberType = typeof(CollectorSources))]
    public void ATextThatStopsInMidLineIsNotBelieved(string collector, string path, string text)
    {
        CollectorSources.Put(_device);
        Assert.NotNull(_device.Ask(collector));
        for (int length = 1; length < text.Length; length++)
        {
            _device.Put(path, text[..length]);
            Exposition? answer = _device.Ask(collector);
            if (!text[..length].EndsWith('\n'))
                Assert.True(answer is null, $"{collector} believes \"{text[..length]}\"");
        }
        _device.Put(path, text);
        Assert.NotNull(_device.Ask(collector));
    }

    [Theory]
    [MemberData(nameof(CollectorSources.All), MemberType = typeof(CollectorSources))]
    public void NoTextMakesItThrowOrLeaveTheFormat(string collector, string path, string text)
    {
        CollectorSources.Put(_device);
        Random random = new(text.Length);
        for (int round = 0; round < 100; round++)
        {
            StringBuilder damaged = new(text);
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                damaged[random.Next(damaged.Length)] = " \n\t:-09xk\u00ff\0%"[random.Next(12)];
            _device.Put(path, damaged.ToString());
            _device.AskAll($"collect[]={collector}"); // parsing the answer is the assertion
        }
    }

    [Theory]
    [MemberData(nameof(CollectorSources.All), MemberType = typeof(CollectorSources))]
    public void AMissingFileIsAFaultOnlyWhereTheKernelAlwaysHasIt(string collector, string path, string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        CollectorSources.Put(_device);
        _device.Remove(path);
        Assert.Equal(Array.IndexOf(Optional, path) >= 0, _device.Ask(collector) is not null);
    }
}
