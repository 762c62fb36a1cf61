using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>
/// <c>GET /api/metrics</c>: the device's metrics under node_exporter's names, for Prometheus. Does not block: files are read on a thread
/// of <see cref="Scrape"/>'s.
/// </summary>
internal sealed class MetricsHandler : IRequestHandler, IDisposable
{
    private readonly SourceFiles _files;
    private readonly IReadOnlyList<Collectors.Entry> _collectors;
    private readonly Scrape _scrape;
    private ExpositionWriter? _spare; // one is enough: scrapers come every few seconds

    /// <param name="files">What the collectors read.</param>
    /// <param name="collectors">THE table.</param>
    /// <param name="deadline">How long one of them may take.</param>
    /// <param name="log">Is told of those that cannot be had.</param>
    public MetricsHandler(SourceFiles files, IReadOnlyList<Collectors.Entry> collectors, TimeSpan deadline, IServerLog? log)
    {
        _files = files;
        _collectors = collectors;
        _scrape = new Scrape(collectors, deadline, log);
    }

    /// <summary>What the answer can be; the first where the client does not care.</summary>
    public static MediaType[] Sends { get; } = [MediaType.PrometheusText, MediaType.OpenMetrics];

    /// <summary>Closes the files as soon as no scrape reads them. Scrapes that come late open each for themselves.</summary>
    public void Dispose() => _scrape.Retire(_files.Close);

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        CollectorSelection selection = CollectorSelection.Parse(request.Query, _collectors);
        MediaType type = AcceptHeader.Choose(request.Parameters["HTTP_ACCEPT"u8], Sends) ?? Sends[0];
        ExpositionWriter writer = Interlocked.Exchange(ref _spare, null) ?? new ExpositionWriter();
        ExpositionFormat format = type == MediaType.OpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
        writer = await _scrape.RunAsync(writer, format, selection).ConfigureAwait(false);

        response.AddHeader("Content-Type"u8, type.ContentType);
        response.AddHeader("Cache-Control"u8, "no-store"u8);
        response.AddHeader("Vary"u8, "Accept"u8);
        await response.WriteWholeAsync(writer.Written).ConfigureAwait(false);
        _spare = writer;
    }
}
