using Appliance.Metrics;

namespace Appliance.Tests.Readme;

internal sealed class FlashCollector(SourceFiles files) : ICollector
{
    private readonly SourceFile _badBlocks = files.InSys("class/mtd/mtd0/bad_blocks");

    public bool Collect(ExpositionWriter writer)
    {
        if (!_badBlocks.TryReadNumber(out long blocks))
            return false;
        writer.Family(MetricType.Gauge, "flash_bad_blocks"u8, "Blocks of the flash that are out of use."u8);
        writer.Label("device"u8, "mtd0"u8).Sample(blocks);
        return true;
    }
}
