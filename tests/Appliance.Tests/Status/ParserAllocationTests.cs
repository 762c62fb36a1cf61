using System;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public class ParserAllocationTests
{
    private readonly byte[] _stat = Source("proc/stat");
    private readonly byte[] _meminfo = Source("proc/meminfo");
    private readonly byte[] _loadavg = Source("proc/loadavg");
    private readonly byte[] _uptime = Source("proc/uptime");
    private readonly byte[] _net = Source("proc/net/dev");
    private readonly byte[] _mounts = Source("proc/self/mountinfo");
    private readonly ulong[] _columns = new ulong[InterfaceCounters.ColumnCount];

    [Fact]
    public void ParsersAllocateNothing()
    {
        Assert.Equal(10, ParseAll()); // warm: what the JIT allocates is not the parsers'
        long before = GC.GetAllocatedBytesForCurrentThread();
        int parsed = 0;
        for (int round = 0; round < 100; round++)
            parsed += ParseAll();
        long after = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(1000, parsed);
        Assert.Equal(0, after - before);
    }

    // Four files, two interfaces (the headings are none), four mounts.
    private int ParseAll()
    {
        int parsed = KernelStatistics.Parse(_stat, out _) is null ? 1 : 0;
        parsed += MemoryInfo.Parse(_meminfo, out _) is null ? 1 : 0;
        parsed += LoadAverage.TryParse(_loadavg, out _) ? 1 : 0;
        parsed += Uptime.TryParse(_uptime, out _) ? 1 : 0;
        LineReader interfaces = new(_net);
        while (interfaces.TryRead(out ReadOnlySpan<byte> line))
            parsed += InterfaceCounters.TryParse(line, _columns, out _) ? 1 : 0;
        LineReader mounts = new(_mounts);
        while (mounts.TryRead(out ReadOnlySpan<byte> line))
            parsed += MountLine.TryParse(line, out _) ? 1 : 0;
        return parsed;
    }

    private static byte[] Source(string wanted)
    {
        foreach ((string path, string text) in FixtureDevice.RouterFiles)
        {
            if (path == wanted)
                return Text.Bytes(text);
        }
        throw new ArgumentException(wanted, nameof(wanted));
    }
}
