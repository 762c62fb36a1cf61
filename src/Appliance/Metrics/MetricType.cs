namespace Appliance.Metrics;

/// <summary>What the samples of a family mean; Prometheus text format 0.0.4, OpenMetrics 1.0 §4.4.</summary>
internal enum MetricType
{
    /// <summary>Only grows, until a restart. In OpenMetrics one whose name does not end in _total is "unknown".</summary>
    Counter,

    Gauge,

    /// <summary>node_exporter does not say what it is: "untyped" in the text format, "unknown" in OpenMetrics.</summary>
    Untyped,

    /// <summary>Samples end in _bucket, _sum and _count.</summary>
    Histogram,

    /// <summary>Samples have a label quantile, or end in _sum and _count.</summary>
    Summary,
}

/// <summary>How the samples are written.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    PrometheusText,

    /// <summary>OpenMetrics 1.0.</summary>
    OpenMetrics,
}
