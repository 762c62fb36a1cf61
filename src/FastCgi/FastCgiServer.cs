using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>Accepts connections and serves them until it is told to stop.</summary>
/// <remarks>
/// One thread, that of <see cref="Run"/>, accepts, reads, runs handlers that do not block, and writes, without handing
/// anything over; handlers that may block run on the thread pool.
/// </remarks>
public sealed class FastCgiServer : IDisposable
{
    private const int UsualSweepMilliseconds = 1000; // timeouts are seconds
    private const int DrainSweepMilliseconds = 100; // somebody waits for the end
    private const int WaitForEver = -1; // with no connection there is nothing to sweep: an idle device sleeps

    private const int OtherDescriptors = 64; // arbitrary: what the program opens besides connections

    private readonly DateTimeOffset _startTime = DateTimeOffset.UtcNow;
    private readonly long _startedAt = Environment.TickCount64;
    private volatile ServerLimits _limits;
    private readonly RequestDispatcher _dispatcher;
    private readonly EventLog _log;
    private readonly EventLoop _loop = new();
    private readonly ConnectionSet _connections;
    private readonly CancellationTokenSource _stopping = new();
    private Acceptor? _acceptor;
    private long _nextSweep;
    private int _stops;
    private bool _draining;
    private long? _wornOutSince;

    /// <summary>Creates a server; nothing is listened to before <see cref="Run"/>.</summary>
    /// <param name="router">Picks the handler of each request.</param>
    /// <param name="limits">The bounds; their defaults when left out.</param>
    /// <param name="log">
    /// Where events are reported; nowhere when left out. Whatever fronts and clients do, each kind of event gets at most one line a minute,
    /// which says how many more there were.
    /// </param>
    /// <param name="requestLog">Who is told of every request; nobody when left out, which costs nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound that cannot be kept.</exception>
    public FastCgiServer(IRequestRouter router, ServerLimits? limits = null, IServerLog? log = null, IRequestLog? requestLog = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        _limits = (limits ?? new ServerLimits()).Checked();
        _dispatcher = new RequestDispatcher(router, _limits, log ?? new NoLog(), requestLog);
        _log = _dispatcher.Log;
        _connections = new ConnectionSet(_loop, _dispatcher);
        Stopping = _stopping.Token;
    }

    /// <summary>
    /// Cancelled when the server begins to finish what is in flight: a handler whose answer has no end of its own, such as a stream of
    /// events, ends it then. Callbacks run on the thread pool.
    /// </summary>
    public CancellationToken Stopping { get; }

    /// <summary>The bounds in use.</summary>
    public ServerLimits Limits => _limits;

    /// <summary>How the server is doing. From any thread; takes a walk over the open connections.</summary>
    public ServerFigures Figures
    {
        get
        {
            ServerCounters counters = _dispatcher.Counters;
            (int active, long received, long sent) = _connections.Measure();
            (int blocking, int waiting, int mostWaiting) = _dispatcher.Blocking.Count();
            return new ServerFigures
            {
                StartTime = _startTime,
                Uptime = TimeSpan.FromMilliseconds(Environment.TickCount64 - _startedAt),
                ResidentBytes = ProcessMemory.ResidentBytes(),
                AcceptedConnections = counters.Accepted,
                OpenConnections = _connections.Count,
                ActiveConnections = active,
                MaxOpenConnections = counters.MostConnections,
                ConnectionLimit = _limits.MaxConnections,
                ConnectionLimitReached = counters.ConnectionLimitReached,
                Requests = counters.Requests,
                ActiveRequests = _dispatcher.Running,
                MaxActiveRequests = counters.MostRunning,
                BlockingHandlers = blocking,
                QueuedRequests = waiting,
                MaxQueuedRequests = mostWaiting,
                QueueLimit = _limits.MaxQueuedRequests,
                SlowRequests = counters.Slow,
                RefusedRequests = counters.Refused,
                FailedRequests = counters.Failed,
                OverloadedRequests = counters.Overloaded,
                AbortedRequests = counters.Aborted,
                TimedOutRequests = counters.TimedOut,
                ProtocolErrors = counters.ProtocolErrors,
                TimedOutConnections = counters.ConnectionsTimedOut,
                AcceptFailures = counters.AcceptFailures,
                BytesReceived = received,
                BytesSent = sent,
            };
        }
    }

    /// <summary>The requests open now, in no order. From any thread; a snapshot, as long as there are requests.</summary>
    public IReadOnlyList<RequestFigures> OpenRequests()
    {
        List<RequestFigures> figures = [];
        long now = Environment.TickCount64;
        _connections.ForEach(connection => connection.AddFigures(figures, now));
        return figures;
    }

    /// <summary>
    /// Serves on the calling thread until <see cref="Stop"/> was called, or the server has reached one of the limits after which it is to
    /// be replaced by a new one, and every request in flight is answered.
    /// </summary>
    /// <remarks>
    /// Call it once, on a thread that is not the pool's. What has not ended <see cref="ServerLimits.DrainTimeout"/> after the stop is cut off.
    /// A server that is to be replaced goes on as usual until nothing is in flight, and ends then; only when that does not happen for
    /// <see cref="ServerLimits.RecyclePatience"/> does it stop accepting first.
    /// </remarks>
    /// <returns>
    /// True when it was one of the limits. Then an inherited socket still listens: fronts wait in its queue for whoever serves it next.
    /// </returns>
    public bool Run(ListenSocket listen) => RunUntilReplaced(listen, handsOver: false);

    /// <summary>The same; and when it returns true because nothing is in flight, connections that fronts keep may stay open.</summary>
    internal bool RunUntilReplaced(ListenSocket listen, bool handsOver)
    {
        ArgumentNullException.ThrowIfNull(listen);
        RaiseDescriptorLimit();
        LibC.IgnoreBrokenPipes(); // the log may go to a reader that ends before us
        _acceptor = new Acceptor(_loop, listen, _connections, _limits.MaxConnections, Serve, _dispatcher);
        IReadOnlyList<int> connections = listen.Connections;
        listen.Connections = [];
        foreach (int connection in connections)
            Serve(connection, takenOver: true);
        while (Volatile.Read(ref _stops) == 0 && !MayBeReplaced())
            Turn();

        bool replaced = Volatile.Read(ref _stops) == 0;
        if (replaced && handsOver && IsQuiet)
        {
            _acceptor.Stop(keepQueue: true);
            return true;
        }
        Drain(keepQueue: replaced && listen.InheritedOn is not null);
        if (Volatile.Read(ref _stops) == 0)
            return true;
        if (replaced)
            Drain(keepQueue: false); // stopped meanwhile: who waits in the queue has nobody else
        return false;
    }

    /// <summary>
    /// Other rules: the router answers the requests that come from now on, the bounds of a connection and its requests are those of the
    /// connections that come from now on, and what is counted over all of them has its new bound at once. From any thread.
    /// </summary>
    /// <remarks>What was bound or started stays: <see cref="ServerLimits.Backlog"/> is that of the socket.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A bound that cannot be kept; everything stays as it was.</exception>
    public void Change(IRequestRouter router, ServerLimits limits, IRequestLog? requestLog = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(limits);
        limits.Checked();
        _loop.Post(() =>
        {
            _dispatcher.Change(router, limits, requestLog);
            _connections.Renew();
            if (_acceptor is not null)
                _acceptor.Most = limits.MaxConnections;
            _limits = limits;
            RaiseDescriptorLimit();
        });
    }

    /// <summary>Stops accepting and lets requests in flight finish; called once more, cuts them off. From any thread.</summary>
    public void Stop()
    {
        Interlocked.Increment(ref _stops);
        _loop.Wake();
    }

    /// <summary>Frees what the server holds; after <see cref="Run"/> has ended.</summary>
    public void Dispose()
    {
        _loop.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    internal bool IsStopped => Volatile.Read(ref _stops) > 0;

    private void RaiseDescriptorLimit()
    {
        int needed = _limits.MaxConnections + OtherDescriptors;
        long allowed = DescriptorLimit.Raise(needed);
        if (allowed < needed)
            _log.Write(ServerLogLevel.Warning, $"{_limits.MaxConnections} connections may not fit into the limit of {allowed} open files (ulimit -Hn)");
    }

    /// <summary>The open connections, after <see cref="RunUntilReplaced"/>.</summary>
    internal IReadOnlyList<int> KeptConnections => _connections.Descriptors;

    private bool IsQuiet => _connections.All(static connection => connection.IsQuiet);

    /// <summary>Whether the server is worn out, and now is the time: nothing is in flight, or that has been waited for long enough.</summary>
    private bool MayBeReplaced() => _wornOutSince is long since
        && (IsQuiet || Environment.TickCount64 - since >= _limits.RecyclePatience.TotalMilliseconds);

    private void Drain(bool keepQueue)
    {
        Volatile.Write(ref _draining, true);
        _ = _stopping.CancelAsync();
        long now = Environment.TickCount64;
        _nextSweep = now + DrainSweepMilliseconds;
        _connections.ForEach(connection => connection.Drain(now));
        _acceptor!.Stop(keepQueue);
        long deadline = now + (long)_limits.DrainTimeout.TotalMilliseconds;
        while ((_connections.Count > 0 || !_acceptor.IsClosed) && Volatile.Read(ref _stops) < 2 && Environment.TickCount64 < deadline)
            Turn();

        _acceptor.Close();
        if (_connections.Count > 0)
            _log.Write(ServerLogLevel.Warning, $"{_connections.Count} connections cut off by the stop");
        _connections.ForEach(static connection => connection.Abort());
        _log.Sweep(all: true);
    }

    private int SweepMilliseconds => _draining ? DrainSweepMilliseconds : UsualSweepMilliseconds;

    private void Turn()
    {
        _loop.Turn(_acceptor!.PauseMilliseconds ?? (_connections.Count > 0 || _log.HoldsBack ? SweepMilliseconds : WaitForEver));
        long now = Environment.TickCount64;
        if (now >= _nextSweep)
        {
            _nextSweep = now + SweepMilliseconds;
            Sweep(now);
        }
        _acceptor!.TryResume(now);
        if (_draining || _wornOutSince is not null)
            return;
        if (_limits.RecycleAfterRequests is > 0 and long most && _dispatcher.Counters.Requests >= most)
            WearOut($"{_dispatcher.Counters.Requests} requests");
    }

    /// <summary>The server is to be replaced by a new one.</summary>
    private void WearOut(string after)
    {
        _wornOutSince = Environment.TickCount64;
        _log.Write(ServerLogLevel.Information, $"recycling after {after}");
    }

    // A method of its own, or the closure would be made at every turn.
    private void Sweep(long now)
    {
        _connections.ForEach(connection => connection.Sweep(now));
        _log.Sweep();
        if (_draining || _wornOutSince is not null || _limits.RecycleAboveMemoryBytes == 0)
            return;
        long memory = ProcessMemory.ResidentBytes();
        if (memory > _limits.RecycleAboveMemoryBytes)
            WearOut($"{_dispatcher.Counters.Requests} requests, at {memory} bytes of memory");
    }

    private void Serve(int descriptor) => Serve(descriptor, takenOver: false);

    private void Serve(int descriptor, bool takenOver)
    {
        SocketConnection connection = _connections.Open(descriptor);
        if (takenOver)
            connection.Connection.TakeOver();
        if (_draining)
            connection.Connection.Drain(Environment.TickCount64);
        _ = ServeAsync(connection);
    }

    private async Task ServeAsync(SocketConnection connection)
    {
        await connection.Connection.ServeAsync().ConfigureAwait(false);
        _connections.Close(connection);
        if (_acceptor!.IsPaused || Volatile.Read(ref _draining))
            _loop.Wake(); // it may wait for this place, or for the last connection
    }
}
