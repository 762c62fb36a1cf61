namespace Appliance.Metrics;

/// <summary>One group of metrics with a source of its own, under node_exporter's name. Registered in <see cref="Collectors"/>.</summary>
internal interface ICollector
{
    /// <summary>Reads the source and writes its samples. Called for one scrape at a time, on a thread that may block.</summary>
    /// <returns>
    /// False when the source is missing or makes no sense: what was written is taken back, and the scrape says
    /// node_scrape_collector_success 0. An exception means the same, and is logged.
    /// </returns>
    bool Collect(ExpositionWriter writer);
}
