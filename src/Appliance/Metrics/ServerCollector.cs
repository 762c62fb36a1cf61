using System;
using System.Text;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>appliance: how this program itself is doing, what <c>GET /api/responder</c> shows as JSON; and its process.</summary>
/// <param name="files">Where it reads.</param>
/// <param name="server">The server that answers; asked for at each scrape, since it exists only after its routes. Null in a CGI program.</param>
internal sealed class ServerCollector(SourceFiles files, Func<FastCgiServer>? server) : ICollector
{
    private static readonly byte[] Version = Encoding.ASCII.GetBytes(ProgramVersion.Text);

    private readonly OwnProcess _process = new(files);

    public bool Collect(ExpositionWriter writer)
    {
        if (server is null)
            return false;
        ServerFigures figures = server().Figures;
        writer.Family(MetricType.Gauge, "appliance_build_info"u8, "Which version of this program answers; always 1."u8);
        writer.Label("version"u8, Version).Sample(1);
        Gauge("appliance_start_time_seconds"u8, "When it started, in seconds since 1970 UTC."u8, figures.StartTime.ToUnixTimeSeconds(), writer);
        Gauge("appliance_resident_memory_bytes"u8, "Bytes it takes in memory."u8, figures.ResidentBytes, writer);
        WriteConnections(figures, writer);
        WriteRequests(figures, writer);
        Gauge("process_start_time_seconds"u8, "When it started, or started itself anew."u8, figures.StartTime.ToUnixTimeSeconds(), writer);
        return _process.Write(writer);
    }

    private static void WriteConnections(ServerFigures figures, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "appliance_connections"u8, "Connections of web servers that are open."u8);
        writer.Label("state"u8, "active"u8).Sample(figures.ActiveConnections);
        writer.Label("state"u8, "idle"u8).Sample(figures.IdleConnections);
        Gauge("appliance_connections_max"u8, "The most that were ever open at once."u8, figures.MaxOpenConnections, writer);
        Gauge("appliance_connections_limit"u8, "How many may be open at once."u8, figures.ConnectionLimit, writer);
        Counter("appliance_connections_limit_reached_total"u8, "Times that limit made others wait."u8, figures.ConnectionLimitReached, writer);
        Counter("appliance_connections_accepted_total"u8, "Connections accepted."u8, figures.AcceptedConnections, writer);
        Counter("appliance_connections_timed_out_total"u8, "Connections closed by a timeout."u8, figures.TimedOutConnections, writer);
        Counter("appliance_accept_failures_total"u8, "Times there were no descriptors or memory for one."u8, figures.AcceptFailures, writer);
        Counter("appliance_protocol_errors_total"u8, "Connections closed because FastCGI was violated."u8, figures.ProtocolErrors, writer);
        Counter("appliance_received_bytes_total"u8, "Bytes received from web servers."u8, figures.BytesReceived, writer);
        Counter("appliance_sent_bytes_total"u8, "Bytes sent to web servers."u8, figures.BytesSent, writer);
    }

    private static void WriteRequests(ServerFigures figures, ExpositionWriter writer)
    {
        Counter("appliance_requests_total"u8, "Requests, refused ones too."u8, figures.Requests, writer);
        Gauge("appliance_requests_active"u8, "Requests being answered, this one too."u8, figures.ActiveRequests, writer);
        Gauge("appliance_requests_active_max"u8, "The most that were ever answered at once."u8, figures.MaxActiveRequests, writer);
        Gauge("appliance_blocking_handlers"u8, "Handlers that read files or compute, running now."u8, figures.BlockingHandlers, writer);
        Gauge("appliance_requests_queued"u8, "Requests waiting for such a handler's turn."u8, figures.QueuedRequests, writer);
        Gauge("appliance_requests_queued_max"u8, "The most that ever waited."u8, figures.MaxQueuedRequests, writer);
        Gauge("appliance_requests_queued_limit"u8, "How many may wait."u8, figures.QueueLimit, writer);
        Counter("appliance_requests_slow_total"u8, "Requests that took longer than the setting says."u8, figures.SlowRequests, writer);
        Counter("appliance_requests_refused_total"u8, "Requests answered 4xx by the engine or a handler."u8, figures.RefusedRequests, writer);
        Counter("appliance_requests_failed_total"u8, "Requests answered 500."u8, figures.FailedRequests, writer);
        Counter("appliance_requests_overloaded_total"u8, "Requests answered 503, too many were there."u8, figures.OverloadedRequests, writer);
        Counter("appliance_requests_aborted_total"u8, "Requests nobody waited for any more."u8, figures.AbortedRequests, writer);
        Counter("appliance_requests_timed_out_total"u8, "Requests cancelled because they took too long."u8, figures.TimedOutRequests, writer);
    }

    private static void Counter(ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, long value, ExpositionWriter writer)
    {
        writer.Family(MetricType.Counter, name, help);
        writer.Sample(value);
    }

    private static void Gauge(ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, long value, ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, name, help);
        writer.Sample(value);
    }
}
