using System;
using System.IO;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>Takes connections out of the listening socket's queue, as long as there is room for them.</summary>
internal class Acceptor : IReadinessTarget
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
    private bool _stopped;
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

    /// <summary>Whether no connection will be accepted any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>How soon <see cref="TryResume"/> should be called; null when a closed connection is what it takes.</summary>
    public int? PauseMilliseconds
    {
        get
        {
            if (!_paused || IsClosed)
                return null;
            if (_failing)
                return BackOffMilliseconds;
            return _connections.Count < Most ? 0 : null;
        }
    }

    /// <summary>Goes on if the reason for the pause has gone.</summary>
    public void TryResume(long now)
    {
        if (!_paused || IsClosed || now < _pausedUntil || _connections.Count >= Most)
            return;
        try
        {
            if (_stopped)
                AcceptWaiting(); // the loop would not say that the queue is empty
            else
                Listen();
        }
        catch (IOException e) // no memory, or no more watches of epoll(7): those, too, will be free again
        {
            BackOff(e.Message);
        }
    }

    /// <summary>
    /// Accepts whoever waits in the queue, which goes with the socket, as soon as there is room, and then no more. A socket that others have
    /// too, or TCP's, cannot be closed to those who come meanwhile.
    /// </summary>
    /// <param name="keepQueue">Not to accept even them: somebody else will have the socket.</param>
    public void Stop(bool keepQueue)
    {
        if (!_paused)
            Pause(until: 0);
        _stopped = true;
        IsClosed = keepQueue;
        if (!keepQueue)
            _listen.RemovePath();
        TryResume(Environment.TickCount64);
    }

    /// <summary>After <see cref="Stop"/>: turns away who waits still.</summary>
    public void Close()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        _listen.Dispose();
    }

    void IReadinessTarget.OnReady(Readiness readiness) => AcceptWaiting();

    /// <summary>accept(2): a connection, or −errno.</summary>
    protected virtual int Accept() => _allowed is null ? LibC.Accept(_listen.Descriptor) : _allowed.Accept(_listen.Descriptor);

    private void AcceptWaiting()
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
            {
                if (_stopped)
                    Close();
                return;
            }
            else if (!LibC.MayAcceptAgain(accepted))
            {
                BackOff(LibC.Describe(accepted));
                return;
            }
        }
    }

    /// <summary>
    /// accept(2) without descriptors or memory: some will be free again, and asking at once would only spin. No descriptor is kept in reserve
    /// to accept and close with: who waits in the queue is served a moment later, and who is closed is not.
    /// </summary>
    private void BackOff(string error)
    {
        _counters.AcceptFailures++;
        if (!_failing)
            _log.Report(EventKind.AcceptFailed, ServerLogLevel.Warning, $"accept failed: {error}; trying again until it succeeds");
        _failing = true;
        Pause(until: Environment.TickCount64 + BackOffMilliseconds);
    }

    private void Listen()
    {
        _loop.Add(_listen.Descriptor, this, Readiness.Input);
        _paused = false;
    }

    private void Pause(long until)
    {
        _pausedUntil = until;
        if (_paused)
            return;
        _paused = true;
        _loop.Remove(_listen.Descriptor); // waiting for nothing would still report a hang-up, again and again
    }
}
