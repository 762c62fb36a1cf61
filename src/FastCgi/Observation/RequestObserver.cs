using System;
using System.Diagnostics;

namespace FastCgi;

/// <summary>Tells the request log of every request, and the server's log of slow ones. There is none when both are off: that costs nothing.</summary>
internal sealed class RequestObserver
{
    private readonly EventLog _log;
    private readonly ServerCounters _counters;
    private readonly IRequestLog? _requests;
    private readonly long _thresholdMilliseconds;

    private RequestObserver(EventLog log, ServerCounters counters, IRequestLog? requests, TimeSpan threshold)
    {
        _log = log;
        _counters = counters;
        _requests = requests;
        _thresholdMilliseconds = threshold > TimeSpan.Zero ? (long)threshold.TotalMilliseconds : long.MaxValue;
    }

    /// <summary>An observer; null when there is nothing to observe.</summary>
    public static RequestObserver? For(EventLog log, ServerCounters counters, ServerLimits limits, IRequestLog? requests) =>
        requests is null && limits.SlowRequestThreshold == TimeSpan.Zero
            ? null
            : new RequestObserver(log, counters, requests, limits.SlowRequestThreshold);

    /// <summary>A request's parameters are complete.</summary>
    public void Started(FastCgiRequest request)
    {
        if (_requests is not null)
            request.StartedTimestamp = Stopwatch.GetTimestamp();
    }

    /// <summary>A request is answered, as far as that was possible. Before its object may be used for another.</summary>
    public void Ended(FastCgiRequest request)
    {
        long now = Environment.TickCount64;
        if (now - request.StartedAt > _thresholdMilliseconds)
            NoteSlow(request, now, ended: true);
        if (_requests is null)
            return;
        try
        {
            // One that began before there was a log to be told is timed by the coarser clock.
            TimeSpan duration = request.StartedTimestamp != 0
                ? Stopwatch.GetElapsedTime(request.StartedTimestamp)
                : RequestDescription.Age(request, now);
            _requests.Write(request, new RequestOutcome(request.Answer.StatusCode, request.Answer.BodyBytes, duration, request.WasCutShort));
        }
        catch (Exception e)
        {
            _log.ReportFailure(EventKind.RequestLogFailed, "the request log failed", e);
        }
    }

    /// <summary>Looks at a request that runs, under its connection's lock: who waits for one that never ends would never see a line.</summary>
    public void Sweep(FastCgiRequest request, long now)
    {
        if (now - request.StartedAt > _thresholdMilliseconds)
            NoteSlow(request, now, ended: false);
    }

    /// <summary>Once for each request, while it runs or when it has ended.</summary>
    private void NoteSlow(FastCgiRequest request, long now, bool ended)
    {
        if (!request.TryMarkSlow())
            return;
        ServerCounters.Add(ref _counters.Slow);
        if (!_log.IsEnabled(ServerLogLevel.Warning))
            return;
        string state = ended
            ? $"ended with status {request.Answer.StatusCode}"
            : $"still {Name(RequestDescription.StageOf(request))}";
        ReadOnlySpan<byte> user = request.Parameters["REMOTE_USER"u8];
        _log.Report(
            EventKind.SlowRequest,
            ServerLogLevel.Warning,
            $"slow request: {RequestDescription.MethodOf(request)} {RequestDescription.UriOf(request)} {state} after {now - request.StartedAt} ms, user {(user.IsEmpty ? "-" : RequestDescription.Excerpt(user))}",
            request.Handler?.GetType());
    }

    private static string Name(RequestStage? stage) => stage switch
    {
        RequestStage.Queued => "queued",
        RequestStage.Sending => "sending",
        _ => "running",
    };
}
