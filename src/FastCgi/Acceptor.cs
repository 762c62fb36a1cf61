using System;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>Takes connections out of the listening socket's queue, as long as there is room for them.</summary>
internal sealed class Acceptor : IReadinessTarget
{
    private const int AcceptsPerTurn = 64; // a flood of new connections must not starve those already open
    private const int BackOffMilliseconds = 100;

    private readonly EventLoop _loop;
    private readonly ListenSocket _listen;
    private readonly ConnectionSet _connections;
    private readonly Action<int> _serve;
    private readonly EventLog _log;
    private readonly ServerCounters _counters;
    private readonly AllowedFronts? _allowed; // null: a Unix socket, whose permissions say who may connect
    private bool _paused;
    private bool _failing;
    private long _pausedUntil;

    public Acceptor(EventLoop loop, ListenSocket listen, ConnectionSet connections, int most, Action<int> serve, RequestDispatcher dispatcher)
    {
        _loop = loop;
        _listen = listen;
        _connections = connections;
        Most = most;
        _serve = serve;
        _log = dispatcher.Log;
        _counters = dispatcher.Counters;
        _allowed = listen.IsTcp ? AllowedFronts.FromEnvironment(dispatcher.Log) : null;
        _loop.Add(listen.Descriptor, this, Readiness.Input);
    }

    /// <summary>How many connections may be open at once.</summary>
    public int Most { get; set; }

    /// <summary>Whether connections wait in the backlog until there is room, or descriptors, for them.</summary>
    public bool IsPaused => _paused;

    /// <summary>How soon <see cref="TryResume"/> should be called; null when a closed connection is what it takes.</summary>
    public int? PauseMilliseconds => _paused && _failing ? BackOffMilliseconds : null;

    /// <summary>Goes on if the reason for the pause has gone.</summary>
    public void TryResume(long now)
    {
        if (!_paused || now < _pausedUntil || _connections.Count >= Most)
            return;
        _paused = false;
        _loop.Add(_listen.Descriptor, this, Readiness.Input);
    }

    /// <summary>Accepts no more. Who waits in the queue is accepted yet, as far as there is room: the queue goes with the socket.</summary>
    /// <param name="keepQueue">Not to accept even them: somebody else will have the socket.</param>
    public void Stop(bool keepQueue)
    {
        if (!_paused)
            _loop.Remove(_listen.Descriptor);
        if (keepQueue)
            return;
        _paused = true;
        int accepted;
        while (_connections.Count < Most && ((accepted = Accept()) >= 0 || accepted == LibC.ConnectionAborted))
        {
            if (accepted < 0)
                continue;
            _counters.Accepted++;
            _serve(accepted);
        }
        _listen.Dispose();
    }

    void IReadinessTarget.OnReady(Readiness readiness)
    {
        for (int i = 0; i < AcceptsPerTurn; i++)
        {
            if (_connections.Count >= Most)
            {
                _counters.ConnectionLimitReached++;
                Pause(until: 0);
                return;
            }
            int accepted = Accept();
            if (accepted >= 0)
            {
                _failing = false;
                _counters.Accepted++;
                _serve(accepted);
            }
            else if (accepted == LibC.WouldBlock)
                return;
            else if (accepted is not (LibC.Interrupted or LibC.ConnectionAborted or LibC.ProtocolError))
            {
                BackOff(accepted);
                return;
            }
        }
    }

    private int Accept() => _allowed is null ? LibC.Accept(_listen.Descriptor) : _allowed.Accept(_listen.Descriptor);

    /// <summary>accept(2) without descriptors or memory: some will be free again, and asking at once would only spin.</summary>
    private void BackOff(int error)
    {
        _counters.AcceptFailures++;
        if (!_failing)
            _log.Report(EventKind.AcceptFailed, ServerLogLevel.Warning, $"accept failed: {LibC.Describe(error)}; trying again until it succeeds");
        _failing = true;
        Pause(until: Environment.TickCount64 + BackOffMilliseconds);
    }

    private void Pause(long until)
    {
        _paused = true;
        _pausedUntil = until;
        _loop.Remove(_listen.Descriptor); // waiting for nothing would still report a hang-up, again and again
    }
}
