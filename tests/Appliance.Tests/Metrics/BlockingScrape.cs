using Appliance.Metrics;

namespace Appliance.Tests.Metrics;

/// <summary>A scrape for tests that have nothing else to do meanwhile.</summary>
internal static class BlockingScrape
{
    public static ExpositionWriter Run(this Scrape scrape, ExpositionWriter writer, ExpositionFormat format, CollectorSelection selection) =>
        scrape.RunAsync(writer, format, selection).AsTask().GetAwaiter().GetResult();
}
