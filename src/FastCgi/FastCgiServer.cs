using System;
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
    private const int SweepMilliseconds = 1000; // timeouts are seconds
    private const int WaitForEver = -1; // with no connection there is nothing to sweep: an idle device sleeps

    private const int OtherDescriptors = 64; // arbitrary: what the program opens besides connections

    private readonly ServerLimits _limits;
    private readonly IServerLog _log;
    private readonly EventLoop _loop = new();
    private readonly ConnectionSet _connections;
    private Acceptor? _acceptor;
    private long _nextSweep;
    private int _stops;
    private bool _draining;

    /// <summary>Creates a server; nothing is listened to before <see cref="Run"/>.</summary>
    /// <param name="router">Picks the handler of each request.</param>
    /// <param name="limits">The bounds; their defaults when left out.</param>
    /// <param name="log">Where events are reported; nowhere when left out.</param>
    public FastCgiServer(IRequestRouter router, ServerLimits? limits = null, IServerLog? log = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        _limits = limits ?? new ServerLimits();
        _log = log ?? new NoLog();
        _connections = new ConnectionSet(_loop, new RequestDispatcher(router, _limits, _log), _log);
    }

    /// <summary>Serves on the calling thread until <see cref="Stop"/> was called and every request in flight is answered.</summary>
    /// <remarks>Call it once, on a thread that is not the pool's. What has not ended <see cref="ServerLimits.DrainTimeout"/> after the stop is cut off.</remarks>
    public void Run(ListenSocket listen)
    {
        ArgumentNullException.ThrowIfNull(listen);
        RaiseDescriptorLimit();
        LibC.IgnoreBrokenPipes(); // the log may go to a reader that ends before us
        _acceptor = new Acceptor(_loop, listen, _connections, _limits.MaxConnections, Serve, _log);
        while (Volatile.Read(ref _stops) == 0)
            Turn();

        _acceptor.Stop();
        Volatile.Write(ref _draining, true);
        _connections.ForEach(static connection => connection.Drain());
        long deadline = Environment.TickCount64 + (long)_limits.DrainTimeout.TotalMilliseconds;
        while (_connections.Count > 0 && Volatile.Read(ref _stops) == 1 && Environment.TickCount64 < deadline)
            Turn();

        if (_connections.Count > 0)
            _log.Write(ServerLogLevel.Warning, $"{_connections.Count} connections cut off by the stop");
        _connections.ForEach(static connection => connection.Abort());
    }

    /// <summary>Stops accepting and lets requests in flight finish; called once more, cuts them off. From any thread.</summary>
    public void Stop()
    {
        Interlocked.Increment(ref _stops);
        _loop.Wake();
    }

    /// <summary>Frees what the server holds; after <see cref="Run"/> has ended.</summary>
    public void Dispose() => _loop.Dispose();

    private void RaiseDescriptorLimit()
    {
        int needed = _limits.MaxConnections + OtherDescriptors;
        long allowed = DescriptorLimit.Raise(needed);
        if (allowed < needed)
            _log.Write(ServerLogLevel.Warning, $"{_limits.MaxConnections} connections may not fit into the limit of {allowed} open files (ulimit -Hn)");
    }

    private void Turn()
    {
        _loop.Turn(_acceptor!.PauseMilliseconds ?? (_connections.Count > 0 ? SweepMilliseconds : WaitForEver));
        long now = Environment.TickCount64;
        if (now >= _nextSweep)
        {
            _nextSweep = now + SweepMilliseconds;
            Sweep(now);
        }
        if (!_draining)
            _acceptor!.TryResume(now);
    }

    // A method of its own, or the closure would be made at every turn.
    private void Sweep(long now) => _connections.ForEach(connection => connection.Sweep(now));

    private void Serve(int descriptor) => _ = ServeAsync(_connections.Open(descriptor));

    private async Task ServeAsync(SocketConnection connection)
    {
        await connection.Connection.ServeAsync().ConfigureAwait(false);
        _connections.Close(connection);
        if (_acceptor!.IsPaused || Volatile.Read(ref _draining))
            _loop.Wake(); // it may wait for this place, or for the last connection
    }
}
