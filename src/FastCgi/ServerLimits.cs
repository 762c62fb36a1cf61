using System;

namespace FastCgi;

/// <summary>Every bound the server keeps, each with its origin. All are settings of the program that uses the library.</summary>
public sealed record ServerLimits
{
    /// <summary>Connections open at once; more wait in the listening socket's backlog. FCGI_MAX_CONNS.</summary>
    /// <remarks>Origin: a quarter of the usual descriptor limit of 1024 (setrlimit(2)); lighttpd opens one per request.</remarks>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Requests served at once over all connections; more get 503. FCGI_MAX_REQS.</summary>
    /// <remarks>Origin: one per connection, as every front without multiplexing has it.</remarks>
    public int MaxRequests { get; init; } = 256;

    /// <summary>
    /// Requests open at once on one connection; one more gets CANT_MPX_CONN. 1 switches multiplexing off. As many again may be open whose
    /// answers are sent in full, by their Content-Length, and whose ends are not.
    /// </summary>
    /// <remarks>Origin: arbitrary; HAProxy's max-reqs defaults to 1 and is raised by hand.</remarks>
    public int MaxRequestsPerConnection { get; init; } = 16;

    /// <summary>Bytes of PARAMS in one request; more get 431.</summary>
    /// <remarks>Origin: lighttpd sends at most one record of 65535 bytes, so nothing it accepts is refused.</remarks>
    public int MaxParametersBytes { get; init; } = 64 * 1024;

    /// <summary>Name-value pairs in one request; more get 431.</summary>
    /// <remarks>Origin: arbitrary; fronts send 20 to 60. HAProxy refuses more than 101 header lines.</remarks>
    public int MaxParameters { get; init; } = 256;

    /// <summary>Bytes of a request body; more get 413.</summary>
    /// <remarks>Origin: arbitrary; a firmware image for a router of 64 MB flash fits.</remarks>
    public long MaxBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of a body held for a handler that is slower than the front, before the connection is no longer read.</summary>
    /// <remarks>Origin: about one record of the largest size.</remarks>
    public int BodyBufferBytes { get; init; } = 64 * 1024;

    /// <summary>Bytes of a response's header block, at most 31 KiB: it stands in one record.</summary>
    /// <remarks>Origin: nginx's fastcgi_buffer_size is 4 or 8 KiB and must hold the whole block.</remarks>
    public int MaxResponseHeaderBytes { get; init; } = 8 * 1024;

    /// <summary>Bytes a handler may write without flushing.</summary>
    /// <remarks>Origin: arbitrary; a handler that writes more must flush or its memory is not bounded.</remarks>
    public int MaxUnflushedBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of all answers that wait for their fronts to take them; above, new requests get 503 until some are taken.</summary>
    /// <remarks>Origin: arbitrary; twice what downloads on all connections hold whose handlers flush, a record of 32 KiB each.</remarks>
    public long MaxUnsentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes read in discarding what a front still sends after its request was answered; then it has to wait, and find the answer.</summary>
    /// <remarks>Origin: arbitrary; twice the default socket buffer, so what is already under way fits.</remarks>
    public int LingerBytes { get; init; } = 512 * 1024;

    /// <summary>Bytes skipped of streams of requests that are over, between two requests of a kept connection, before it is closed.</summary>
    /// <remarks>Origin: the largest body; a front that sends on and on for a request answered long ago gains nothing by a kept connection.</remarks>
    public long MaxSkippedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of STDERR a handler may send to the front's error log with one request, at most 32 KiB; the rest is cut off.</summary>
    /// <remarks>Origin: nginx logs at most 2 KiB of a line, and its buffers are 4 KiB.</remarks>
    public int MaxErrorBytes { get; init; } = 4 * 1024;

    /// <summary>Whether a request too many ends with OVERLOADED (FastCGI 1.0 §5.5) and no response, rather than 503 and Retry-After.</summary>
    /// <remarks>Origin: of the fronts known only those that try another server make good use of it; the others show an error of their own.</remarks>
    public bool RefuseWithOverloaded { get; init; }

    /// <summary>Handlers that may block running at once.</summary>
    /// <remarks>Origin: arbitrary; each costs a thread. Devices have one to four cores.</remarks>
    public int MaxBlockingHandlers { get; init; } = 4;

    /// <summary>Requests waiting for such a handler; more get 503.</summary>
    /// <remarks>Origin: arbitrary; a page of a browser and a few metrics scrapers at once.</remarks>
    public int MaxQueuedRequests { get; init; } = 64;

    /// <summary>Answers sent and not taken, on one connection, beyond those of open requests; a front with more is cut off.</summary>
    /// <remarks>Origin: arbitrary; a front may begin the next request a little before it is known that it has taken the last answer.</remarks>
    public int MaxUnreadAnswers { get; init; } = 32;

    /// <summary>
    /// For the reader of a connection that requests may share to wait for one handler to take any of its body; then that body is
    /// given up with 503. A front that keeps connections and does not multiplex is slowed down for as long as it takes where
    /// <see cref="MaxRequestsPerConnection"/> is 1.
    /// </summary>
    /// <remarks>Origin: arbitrary; longer than a slow disk, shorter than anybody would wait for another's answer.</remarks>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pending-connection queue of a socket bound by this program.</summary>
    /// <remarks>Origin: lighttpd's own; a full queue of a Unix socket is EAGAIN at the front.</remarks>
    public int Backlog { get; init; } = 1024;

    /// <summary>From the opening of a connection, or of a request, to the end of its parameters.</summary>
    /// <remarks>Origin: arbitrary; fronts send them in one write.</remarks>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two pieces of a request body that a handler waits for.</summary>
    /// <remarks>Origin: lighttpd's server.max-read-idle is 60 s, and a front that streams is as slow as its client.</remarks>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(65);

    /// <summary>For one piece of a response to be taken by the front.</summary>
    /// <remarks>Origin: lighttpd's server.max-write-idle is 360 s, and a front that streams is as slow as its client.</remarks>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(365);

    /// <summary>Between two requests on a connection the front keeps.</summary>
    /// <remarks>Origin: longer than the 60 s after which fronts close by themselves, so that they are first.</remarks>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>
    /// For a whole request, from its parameters to its end; then its token is cancelled. A handler that has not heeded that after
    /// <see cref="LingerTimeout"/> loses its connection or, where other requests share that, is answered for.
    /// </summary>
    /// <remarks>Origin: arbitrary; the longest download a slow client may take.</remarks>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For discarding what a front still sends after its request was answered.</summary>
    /// <remarks>Origin: nginx's lingering_timeout is 5 s; a front on the same device needs less.</remarks>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What takes longer gets a line in the log, while it runs or when it has ended; zero for none.</summary>
    /// <remarks>Origin: off, as php-fpm's request_slowlog_timeout.</remarks>
    public TimeSpan SlowRequestThreshold { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Requests after which the server makes room for a new one as soon as nothing is in flight; 0 for never. Some more may come until then.
    /// </summary>
    /// <remarks>Origin: off, as php-fpm's pm.max_requests.</remarks>
    public long RecycleAfterRequests { get; init; }

    /// <summary>Bytes of the process's resident memory above which it does the same; 0 for never.</summary>
    /// <remarks>Origin: off; a device's builder knows how much memory there is. Looked at once a second.</remarks>
    public long RecycleAboveMemoryBytes { get; init; }

    /// <summary>
    /// For a moment in which nothing is in flight, after one of these limits was reached; then no more connections are accepted until there
    /// is one.
    /// </summary>
    /// <remarks>Origin: arbitrary; long enough for a download, and what wears out a program in a minute would be a fault to mend.</remarks>
    public TimeSpan RecyclePatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For requests in flight to finish after a stop was asked for.</summary>
    /// <remarks>Origin: arbitrary; below the 30 s after which init systems send SIGKILL.</remarks>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>At a stop, since a kept connection's last use, for it to be used once more; then it is closed.</summary>
    /// <remarks>Origin: arbitrary; the front of a busy device needs less to use a connection again.</remarks>
    public TimeSpan DrainIdleTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>These bounds, if they can be kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them cannot; it is named, with its value.</exception>
    internal ServerLimits Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestsPerConnection, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxParametersBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxParameters);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxBodyBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(BodyBufferBytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxResponseHeaderBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxResponseHeaderBytes, 31 * 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxUnflushedBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxUnsentBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(LingerBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxSkippedBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxErrorBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxErrorBytes, 32 * 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBlockingHandlers, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxQueuedRequests);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnreadAnswers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Backlog, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StallTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HeaderTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BodyTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriteTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LingerTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SlowRequestThreshold, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecyclePatience, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainIdleTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(RecycleAfterRequests);
        ArgumentOutOfRangeException.ThrowIfNegative(RecycleAboveMemoryBytes);
        return this;
    }
}
