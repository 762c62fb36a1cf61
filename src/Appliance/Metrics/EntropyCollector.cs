namespace Appliance.Metrics;

/// <summary>entropy: the kernel's pool of randomness, from /proc/sys/kernel/random; random(4).</summary>
internal sealed class EntropyCollector(SourceFiles files) : ICollector
{
    private readonly SourceFile _available = files.InProc("sys/kernel/random/entropy_avail");
    private readonly SourceFile _size = files.InProc("sys/kernel/random/poolsize");

    public bool Collect(ExpositionWriter writer)
    {
        if (!_available.TryReadNumber(out long available) || !_size.TryReadNumber(out long size))
            return false;
        writer.Family(MetricType.Gauge, "node_entropy_available_bits"u8, "Bits of randomness the kernel has."u8);
        writer.Sample(available);
        writer.Family(MetricType.Gauge, "node_entropy_pool_size_bits"u8, "Bits it can have."u8);
        writer.Sample(size);
        return true;
    }
}
