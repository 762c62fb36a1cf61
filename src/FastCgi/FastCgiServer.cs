using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>Accepts connections and serves them until it is told to stop.</summary>
/// <remarks>
/// Meant to be run with DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1, set before the first socket is made: then one
/// thread accepts, reads, runs handlers that do not block, and writes, without handing anything over.
/// </remarks>
public sealed class FastCgiServer : IDisposable
{
    private const int AcceptsBeforeYield = 64; // a flood of new connections must not starve those already open
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AcceptBackOff = TimeSpan.FromMilliseconds(100);

    private readonly ServerLimits _limits;
    private readonly IServerLog _log;
    private readonly ConnectionSet _connections;
    private readonly SemaphoreSlim _places;
    private readonly SocketOperation _accept = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _sweep;
    private ListenSocket? _listen;
    private int _stops;
    private int _sweeping;

    /// <summary>Creates a server; nothing is listened to before <see cref="RunAsync"/>.</summary>
    public FastCgiServer(IRequestRouter router, ServerLimits limits, IServerLog log)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(log);
        _limits = limits;
        _log = log;
        _connections = new ConnectionSet(new RequestDispatcher(router, limits, log), log);
        _places = new SemaphoreSlim(limits.MaxConnections, limits.MaxConnections);
        _sweep = new Timer(static server => ((FastCgiServer)server!).Sweep(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Serves until <see cref="Stop"/> was called and every request in flight has been answered.</summary>
    /// <remarks>Call it once. What has not ended <see cref="ServerLimits.DrainTimeout"/> after the stop is cut off.</remarks>
    public async Task RunAsync(ListenSocket listen)
    {
        ArgumentNullException.ThrowIfNull(listen);
        _listen = listen;
        Task accepting = AcceptAsync(listen.Socket);
        await _stopped.Task.ConfigureAwait(false);
        await accepting.ConfigureAwait(false);

        _connections.ForEach(static connection => connection.Drain());
        NoteDrained(_connections.Count);
        await Task.WhenAny(_drained.Task, Task.Delay(_limits.DrainTimeout)).ConfigureAwait(false);
        if (!_drained.Task.IsCompleted)
            _log.Write(ServerLogLevel.Warning, $"{_connections.Count} connections cut off: not ended {_limits.DrainTimeout.TotalSeconds} s after the stop");
    }

    /// <summary>Stops accepting and lets requests in flight finish; called once more, cuts them off. From any thread.</summary>
    public void Stop()
    {
        switch (Interlocked.Increment(ref _stops))
        {
            case 1:
                _listen?.Dispose();
                _stopped.TrySetResult();
                break;
            case 2:
                _log.Write(ServerLogLevel.Warning, "told to stop a second time: cutting off what is in flight");
                _connections.ForEach(static connection => connection.Abort());
                _drained.TrySetResult();
                break;
        }
    }

    /// <summary>Frees what the server holds; after <see cref="RunAsync"/> has ended.</summary>
    public void Dispose()
    {
        _sweep.Dispose();
        _accept.Dispose();
        _places.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        int immediate = 0;
        while (Volatile.Read(ref _stops) == 0)
        {
            await _places.WaitAsync().ConfigureAwait(false); // at the limit connections wait in the backlog
            int accepted;
            try
            {
                ValueTask<int> accepting = _accept.AcceptAsync(listener);
                if (accepting.IsCompleted && ++immediate % AcceptsBeforeYield == 0)
                    await Task.Yield();
                accepted = await accepting.ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            if (accepted != SocketOperation.Broken)
            {
                _ = ServeAsync(_connections.Open(_accept.AcceptSocket!));
                continue;
            }
            _places.Release();
            if (Volatile.Read(ref _stops) == 0)
                await RecoverFromAsync(_accept.SocketError).ConfigureAwait(false);
        }
    }

    /// <summary>accept(2): a connection that died in the queue concerns nobody; without descriptors or memory, wait for some.</summary>
    private async ValueTask RecoverFromAsync(SocketError error)
    {
        if (error == SocketError.ConnectionAborted)
            return;
        _log.Write(ServerLogLevel.Warning, $"accept failed: {new SocketException((int)error).Message}; trying again");
        await Task.Delay(AcceptBackOff).ConfigureAwait(false);
    }

    private async Task ServeAsync(SocketConnection connection)
    {
        StartSweeping();
        await connection.Connection.ServeAsync().ConfigureAwait(false);
        NoteDrained(_connections.Close(connection));
        _places.Release();
    }

    private void NoteDrained(int open)
    {
        if (open == 0 && _stopped.Task.IsCompleted)
            _drained.TrySetResult();
    }

    /// <summary>The sweep runs only while there are connections: an idle device sleeps.</summary>
    private void StartSweeping()
    {
        if (Volatile.Read(ref _sweeping) == 0 && Interlocked.Exchange(ref _sweeping, 1) == 0)
            _sweep.Change(SweepInterval, SweepInterval);
    }

    private void Sweep()
    {
        long now = Environment.TickCount64;
        _connections.ForEach(connection => connection.Sweep(now));
        if (_connections.Count > 0)
            return;
        _sweep.Change(Timeout.Infinite, Timeout.Infinite);
        Volatile.Write(ref _sweeping, 0);
        if (_connections.Count > 0)
            StartSweeping(); // one came between the two lines above
    }
}
