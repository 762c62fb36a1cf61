using System;
using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using FastCgi;

namespace Appliance.Status;

/// <summary>
/// <c>GET /api/status/stream?interval=SECONDS</c>: server-sent events (WHATWG HTML §9.2), each with those members of the status document
/// that cost little (<see cref="StatusPart.IsFast"/>).
/// </summary>
/// <remarks>
/// <code>
/// retry: 2000
///
/// id: 17
/// data: {"uptime_seconds":90061.07,…}
///
/// : nothing new
/// </code>
/// The id is that of the sample: a gap in it that the interval does not explain is a sample that came while this client was still being sent
/// an earlier one. A comment now and then finds out whether anybody is left, behind fronts that do not say so (HAProxy). The stream ends
/// before the server's time limit for a request, and when the server stops: the client then connects again by itself.
/// </remarks>
/// <param name="feed">Whom to watch.</param>
/// <param name="time">The clock of <paramref name="requestTimeout"/>.</param>
/// <param name="requestTimeout">After which the server cuts a request off.</param>
/// <param name="server">The server that answers, for when it stops; null in a CGI program.</param>
internal sealed class StatusStreamHandler(StatusFeed feed, TimeProvider time, TimeSpan requestTimeout, Func<FastCgiServer>? server)
    : IRequestHandler
{
    private const int HeartbeatBeats = 5; // arbitrary: a client that is gone is found within seconds
    private const int DefaultInterval = 1;

    // 2 s, so that a server which is being replaced has time to come back; a tenth of the time is left for what is still being sent.
    private static ReadOnlySpan<byte> Retry => "retry: 2000\n\n"u8;
    private readonly TimeSpan _lifetime = requestTimeout * 0.9;

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        int interval = Interval(request.Query);
        bool onlyAsks = request.Method.SequenceEqual("HEAD"u8);
        long firstBeat = 0;
        if (!onlyAsks && !feed.TryJoin(interval, out firstBeat))
        {
            await new ProblemHandler(503, "as many watch the status already as may (Status:StreamWatchers)", "Retry-After", "10")
                .HandleAsync(request, response).ConfigureAwait(false);
            return;
        }
        try
        {
            response.AddHeader("Content-Type"u8, MediaType.EventStream.ContentType);
            response.AddHeader("Cache-Control"u8, "no-store"u8);
            response.DisableBuffering();
            if (!onlyAsks)
                await StreamAsync(request, response, interval, firstBeat).ConfigureAwait(false);
        }
        finally
        {
            if (!onlyAsks)
                feed.Leave(interval);
        }
    }

    /// <summary>An event of the stream.</summary>
    public static byte[] EventOf(DeviceStatus device, long id)
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        bytes.Write("id: "u8);
        id.TryFormat(bytes.GetSpan(20), out int digits, default, CultureInfo.InvariantCulture);
        bytes.Advance(digits);
        bytes.Write("\ndata: "u8);
        device.Write(bytes, static part => part.IsFast);
        bytes.Write("\n\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    private async Task StreamAsync(FastCgiRequest request, FastCgiResponse response, int interval, long firstBeat)
    {
        long start = time.GetTimestamp();
        CancellationToken stopping = server?.Invoke().Stopping ?? CancellationToken.None;
        using CancellationTokenRegistration wake = stopping.Register(feed.Wake);
        response.Body.Write(Retry);
        long? sent = null;
        int quietBeats = 0;
        while (true)
        {
            Task nextBeat = feed.NextBeat;
            if (feed.Latest is StatusSample latest && (sent is long last ? latest.Beat / interval > last / interval : latest.Beat >= firstBeat))
            {
                await response.Body.WriteAsync(latest.Event, CancellationToken.None).ConfigureAwait(false);
                sent = latest.Beat;
                quietBeats = 0;
            }
            else if (++quietBeats == HeartbeatBeats)
            {
                response.Body.Write(": nothing new\n\n"u8);
                quietBeats = 0;
            }
            FlushResult flushed = await response.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            if (flushed.IsCompleted || stopping.IsCancellationRequested || time.GetElapsedTime(start) > _lifetime)
                return;
            await nextBeat.WaitAsync(request.Aborted).ConfigureAwait(false);
        }
    }

    /// <exception cref="RequestRefusedException">The query's interval is none.</exception>
    private static int Interval(ReadOnlySpan<byte> query)
    {
        int interval = DefaultInterval;
        QueryReader parameters = new(query);
        while (parameters.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            if (!name.SequenceEqual("interval"u8))
                continue;
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out interval) || interval is < 1 or > StatusFeed.MaxInterval)
                throw new RequestRefusedException(400, $"interval \"{Excerpt.Of(value)}\" is not a whole number of seconds from 1 to {StatusFeed.MaxInterval}");
        }
        return interval;
    }
}
