using System;
using System.Globalization;
using System.Text.Json;
using System.Threading.Tasks;
using Appliance.Status;
using FastCgi;

namespace Appliance.Responder;

/// <summary><c>GET /api/responder</c>: how this program itself is doing, after php-fpm's status page.</summary>
/// <remarks>
/// <code>
/// version, pid, start_time, uptime_seconds
/// memory         {"resident_bytes","gc_heap_bytes","gc_committed_bytes"}
/// connections    {"accepted","open","active","idle","max_open","limit","limit_reached","timed_out","protocol_errors","accept_failures"}
/// requests       {"total","active","max_active","slow","refused","failed","overloaded","aborted","timed_out"}
/// blocking       {"running","queued","max_queued","queue_limit"}
/// bytes          {"received","sent"}
/// open_requests  [{"connection","id","stage","duration_milliseconds","method","uri","content_length"}]
/// </code>
/// What each one counts is said at <see cref="ServerFigures"/> and <see cref="RequestFigures"/>. Does not wait for a place among the
/// handlers that may block, although it asks the kernel for the memory: it is wanted most when none is free.
/// </remarks>
/// <param name="server">The server that answers; asked for when a request comes, since it exists only after its routes. Null in a CGI program.</param>
internal sealed class ResponderHandler(Func<FastCgiServer>? server) : IRequestHandler
{
    private const int FlushAbove = 16 * 1024; // half a record: there may be thousands of open requests

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        if (server is null)
            throw new RequestRefusedException(404, "a CGI program serves one request and has nothing to tell of itself");
        response.AddHeader("Content-Type"u8, "application/json"u8);
        response.AddHeader("Cache-Control"u8, "no-store"u8);
        using var json = new Utf8JsonWriter(response.Body);
        WriteFigures(json, server().Figures);
        json.WriteStartArray("open_requests"u8);
        foreach (RequestFigures open in server().OpenRequests())
        {
            WriteOpen(json, open);
            if (json.BytesPending + response.Body.UnflushedBytes > FlushAbove)
            {
                json.Flush();
                await response.Body.FlushAsync().ConfigureAwait(false);
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync().ConfigureAwait(false);
    }

    private static void WriteFigures(Utf8JsonWriter json, ServerFigures figures)
    {
        json.WriteStartObject();
        json.WriteString("version"u8, ProgramVersion.Text);
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteString("start_time"u8, figures.StartTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        new Hundredths((ulong)figures.Uptime.TotalMilliseconds / 10).Write(json, "uptime_seconds"u8);
        WriteMemory(json, figures);
        WriteConnections(json, figures);
        WriteRequests(json, figures);

        json.WriteStartObject("blocking"u8);
        json.WriteNumber("running"u8, figures.BlockingHandlers);
        json.WriteNumber("queued"u8, figures.QueuedRequests);
        json.WriteNumber("max_queued"u8, figures.MaxQueuedRequests);
        json.WriteNumber("queue_limit"u8, figures.QueueLimit);
        json.WriteEndObject();

        json.WriteStartObject("bytes"u8);
        json.WriteNumber("received"u8, figures.BytesReceived);
        json.WriteNumber("sent"u8, figures.BytesSent);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, ServerFigures figures)
    {
        json.WriteStartObject("memory"u8);
        json.WriteNumber("resident_bytes"u8, figures.ResidentBytes);
        json.WriteNumber("gc_heap_bytes"u8, GC.GetTotalMemory(forceFullCollection: false));
        json.WriteNumber("gc_committed_bytes"u8, GC.GetGCMemoryInfo().TotalCommittedBytes);
        json.WriteEndObject();
    }

    private static void WriteConnections(Utf8JsonWriter json, ServerFigures figures)
    {
        json.WriteStartObject("connections"u8);
        json.WriteNumber("accepted"u8, figures.AcceptedConnections);
        json.WriteNumber("open"u8, figures.OpenConnections);
        json.WriteNumber("active"u8, figures.ActiveConnections);
        json.WriteNumber("idle"u8, figures.IdleConnections);
        json.WriteNumber("max_open"u8, figures.MaxOpenConnections);
        json.WriteNumber("limit"u8, figures.ConnectionLimit);
        json.WriteNumber("limit_reached"u8, figures.ConnectionLimitReached);
        json.WriteNumber("timed_out"u8, figures.TimedOutConnections);
        json.WriteNumber("protocol_errors"u8, figures.ProtocolErrors);
        json.WriteNumber("accept_failures"u8, figures.AcceptFailures);
        json.WriteEndObject();
    }

    private static void WriteRequests(Utf8JsonWriter json, ServerFigures figures)
    {
        json.WriteStartObject("requests"u8);
        json.WriteNumber("total"u8, figures.Requests);
        json.WriteNumber("active"u8, figures.ActiveRequests);
        json.WriteNumber("max_active"u8, figures.MaxActiveRequests);
        json.WriteNumber("slow"u8, figures.SlowRequests);
        json.WriteNumber("refused"u8, figures.RefusedRequests);
        json.WriteNumber("failed"u8, figures.FailedRequests);
        json.WriteNumber("overloaded"u8, figures.OverloadedRequests);
        json.WriteNumber("aborted"u8, figures.AbortedRequests);
        json.WriteNumber("timed_out"u8, figures.TimedOutRequests);
        json.WriteEndObject();
    }

    private static void WriteOpen(Utf8JsonWriter json, RequestFigures open)
    {
        json.WriteStartObject();
        json.WriteNumber("connection"u8, open.Connection);
        json.WriteNumber("id"u8, open.Id);
        json.WriteString("stage"u8, NameOf(open.Stage));
        json.WriteNumber("duration_milliseconds"u8, (long)open.Duration.TotalMilliseconds);
        json.WriteString("method"u8, open.Method);
        json.WriteString("uri"u8, open.Uri);
        if (open.ContentLength is long length)
            json.WriteNumber("content_length"u8, length);
        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> NameOf(RequestStage stage) => stage switch
    {
        RequestStage.ReadingParameters => "reading parameters"u8,
        RequestStage.Queued => "queued"u8,
        RequestStage.Running => "running"u8,
        RequestStage.Sending => "sending"u8,
        RequestStage.Ending => "ending"u8,
        _ => "abandoned"u8,
    };
}
