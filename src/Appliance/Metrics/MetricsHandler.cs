using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>
/// <c>GET /api/metrics</c>: the device's metrics under node_exporter's names, for Prometheus. Reads files, so it may block.
/// </summary>
internal sealed class MetricsHandler : IRequestHandler
{
    private readonly IReadOnlyList<Collectors.Entry> _collectors;
    private readonly Scrape _scrape;
    private ExpositionWriter? _spare; // one is enough: scrapers come every few seconds

    public MetricsHandler(IReadOnlyList<Collectors.Entry> collectors, IServerLog? log)
    {
        _collectors = collectors;
        _scrape = new Scrape(collectors, log);
    }

    /// <summary>What the answer can be; the first where the client does not care.</summary>
    public static MediaType[] Sends { get; } = [MediaType.PrometheusText, MediaType.OpenMetrics];

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        CollectorSelection selection = CollectorSelection.Parse(request.Query, _collectors);
        MediaType type = AcceptHeader.Choose(request.Parameters["HTTP_ACCEPT"u8], Sends) ?? Sends[0];
        ExpositionWriter writer = Interlocked.Exchange(ref _spare, null) ?? new ExpositionWriter();
        _scrape.Run(writer, type == MediaType.OpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText, selection);

        response.AddHeader("Content-Type"u8, type.ContentType);
        response.AddHeader("Cache-Control"u8, "no-store"u8);
        response.AddHeader("Vary"u8, "Accept"u8);
        await response.WriteWholeAsync(writer.Written).ConfigureAwait(false);
        _spare = writer;
    }
}
