using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Appliance.Settings;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>
/// <c>GET /api/metrics</c>: the device's metrics under node_exporter's names, for Prometheus. Does not block: files are read on a thread
/// of <see cref="Scrape"/>'s.
/// </summary>
internal sealed class MetricsHandler : IRequestHandler, IDisposable
{
    private static readonly ProblemHandler Busy = new(503, "as many scrapes wait as may; try again", "Retry-After", "1");

    private readonly SourceFiles _files;
    private readonly IReadOnlyList<Collectors.Entry> _collectors;
    private readonly Scrape _scrape;
    private readonly int _mostAtOnce;
    private ExpositionWriter? _spare; // one is enough: scrapers come every few seconds
    private int _count;

    /// <param name="files">What the collectors read.</param>
    /// <param name="collectors">THE table.</param>
    /// <param name="settings">How long one of them may take, and how many scrapes may wait.</param>
    /// <param name="log">Is told of those that cannot be had.</param>
    public MetricsHandler(SourceFiles files, IReadOnlyList<Collectors.Entry> collectors, ApplianceSettings settings, IServerLog? log)
    {
        _files = files;
        _collectors = collectors;
        _mostAtOnce = 1 + settings.Limits.MaxQueuedRequests; // one is made, the others wait
        _scrape = new Scrape(collectors, settings.Status.SourceDeadline, log);
    }

    /// <summary>What the answer can be; the first where the client does not care.</summary>
    public static MediaType[] Sends { get; } = [MediaType.PrometheusText, MediaType.OpenMetrics];

    /// <summary>Closes the files as soon as no scrape reads them. Scrapes that come late open each for themselves.</summary>
    public void Dispose() => _scrape.Retire(_files.Close);

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        CollectorSelection selection = CollectorSelection.Parse(request.Query, _collectors);
        MediaType type = AcceptHeader.Choose(request.Parameters["HTTP_ACCEPT"u8], Sends) ?? Sends[0];
        try
        {
            if (Interlocked.Increment(ref _count) > _mostAtOnce)
                await Busy.HandleAsync(request, response).ConfigureAwait(false);
            else
                await AnswerAsync(request, response, selection, type).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private async ValueTask AnswerAsync(FastCgiRequest request, FastCgiResponse response, CollectorSelection selection, MediaType type)
    {
        ExpositionWriter writer = Interlocked.Exchange(ref _spare, null) ?? new ExpositionWriter();
        ExpositionFormat format = type == MediaType.OpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
        writer = await _scrape.RunAsync(writer, format, selection, request.Aborted).ConfigureAwait(false);

        response.AddHeader("Content-Type"u8, type.ContentType);
        response.AddHeader("Cache-Control"u8, "no-store"u8);
        response.AddHeader("Vary"u8, "Accept"u8);
        await response.WriteWholeAsync(writer.Written).ConfigureAwait(false);
        _spare = writer;
    }
}
