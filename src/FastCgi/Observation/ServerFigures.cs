using System;

namespace FastCgi;

/// <summary>How a server is doing, at one moment: after php-fpm's status page (its names in brackets).</summary>
/// <remarks>
/// Counters are since the server was made, and only grow. The moment is not quite one: a request may end while the figures are
/// taken.
/// </remarks>
public sealed class ServerFigures
{
    /// <summary>When the server was made (start time).</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>How long ago that is, by a clock nobody sets (start since).</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>Bytes of the process in memory now: the second number of /proc/self/statm (proc_pid_statm(5)), in pages.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>Connections taken from the listening socket (accepted conn).</summary>
    public required long AcceptedConnections { get; init; }

    /// <summary>Connections open now (total processes).</summary>
    public required int OpenConnections { get; init; }

    /// <summary>Open connections with at least one request (active processes).</summary>
    public required int ActiveConnections { get; init; }

    /// <summary>Open connections without one: kept by a front, or closing (idle processes).</summary>
    public int IdleConnections => OpenConnections - ActiveConnections;

    /// <summary>The most connections ever open at once.</summary>
    public required int MaxOpenConnections { get; init; }

    /// <summary>How many connections may be open at once: <see cref="ServerLimits.MaxConnections"/>.</summary>
    public required int ConnectionLimit { get; init; }

    /// <summary>How often that limit made fronts wait in the socket's backlog (max children reached).</summary>
    public required long ConnectionLimitReached { get; init; }

    /// <summary>Requests whose parameters were complete, refused ones too.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests being answered now.</summary>
    public required int ActiveRequests { get; init; }

    /// <summary>The most ever answered at once (max active processes).</summary>
    public required int MaxActiveRequests { get; init; }

    /// <summary>Handlers that may block, running now.</summary>
    public required int BlockingHandlers { get; init; }

    /// <summary>Requests waiting for such a handler's turn (listen queue: a request that is accepted but does not run yet).</summary>
    public required int QueuedRequests { get; init; }

    /// <summary>The most that ever waited (max listen queue).</summary>
    public required int MaxQueuedRequests { get; init; }

    /// <summary>How many may wait: <see cref="ServerLimits.MaxQueuedRequests"/> (listen queue len).</summary>
    public required int QueueLimit { get; init; }

    /// <summary>Requests that took longer than <see cref="ServerLimits.SlowRequestThreshold"/> (slow requests).</summary>
    public required long SlowRequests { get; init; }

    /// <summary>Requests answered 4xx because of a <see cref="RequestRefusedException"/>: by the engine, or thrown by a handler.</summary>
    public required long RefusedRequests { get; init; }

    /// <summary>Requests whose handler, or the router, threw another exception: 500.</summary>
    public required long FailedRequests { get; init; }

    /// <summary>Requests answered 503 because as many as may were being answered or waiting, or too much of earlier answers was.</summary>
    public required long OverloadedRequests { get; init; }

    /// <summary>Requests nobody waited for any more: aborted by the front, or its connection gone, while the handler ran.</summary>
    public required long AbortedRequests { get; init; }

    /// <summary>Requests cancelled because they took longer than <see cref="ServerLimits.RequestTimeout"/>.</summary>
    public required long TimedOutRequests { get; init; }

    /// <summary>Connections closed because the front broke the protocol.</summary>
    public required long ProtocolErrors { get; init; }

    /// <summary>Connections closed by one of the timeouts.</summary>
    public required long TimedOutConnections { get; init; }

    /// <summary>Times accept(2) failed for want of descriptors or memory.</summary>
    public required long AcceptFailures { get; init; }

    /// <summary>Bytes of records received from fronts.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>Bytes of records sent to fronts.</summary>
    public required long BytesSent { get; init; }
}
