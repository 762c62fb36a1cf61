using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>
/// The requests of one connection. The connection's reader begins and finds them, the threads of handlers end them; which of
/// the two is last decides under one lock whether the connection closes.
/// </summary>
/// <remarks>
/// The list itself is changed by the reader, and for it when it waits; otherwise it therefore looks through the list without the
/// lock: a state it sees may be overtaken the moment after, with the lock as without.
/// </remarks>
internal sealed partial class RequestTable
{
    private readonly FastCgiConnection _connection;
    private readonly RequestPool _pool;
    private readonly ServerLimits _limits;
    private readonly List<FastCgiRequest> _requests = [];
    private readonly Lock _gate = new();
    private volatile int _unfinished; // requests whose end is not sent
    private volatile int _answered; // of which only the handler is left
    private bool _closeAfterLast;
    private bool _turnsAway;
    private bool _refused;
    private bool _readerWaits;
    private TaskCompletionSource? _allFinished;

    public RequestTable(FastCgiConnection connection, RequestPool pool, ServerLimits limits)
    {
        _pool = pool;
        Clock = new RequestClock(_requests, _gate);
        _connection = connection;
        _limits = limits;
    }

    /// <summary>Since when each request has been waited for, and what takes too long.</summary>
    public RequestClock Clock { get; }

    /// <summary>The connection is not new: another program has served the front on it before.</summary>
    public void TakeOver() => Begun = 1;

    /// <summary>Tells this connection from earlier ones that the same objects served.</summary>
    public int Connection { get; private set; }

    /// <summary>Requests begun since the connection was opened; one, if they were another program's.</summary>
    public long Begun { get; private set; }

    /// <summary>Whether every request has ended, and with it the body the front sends for it.</summary>
    public bool NothingLeftToRead
    {
        get
        {
            foreach (FastCgiRequest request in _requests)
            {
                if (request.State != RequestState.Free && !request.IsReadToEnd)
                    return false;
            }
            return _unfinished == 0 && !_refused;
        }
    }

    /// <summary>Forgets the last connection; all its requests are finished.</summary>
    public void Reset()
    {
        foreach (FastCgiRequest request in _requests)
        {
            if (request.State == RequestState.Finished)
                request.Recycle();
        }
        Begun = 0;
        MayMultiplex = false;
        Connection++;
        _closeAfterLast = false;
        _turnsAway = false;
        _refused = false;
        _readerWaits = false;
        _allFinished = null;
    }

    /// <summary>The request that records with this id are for; null when there is none, and they are to be skipped (§3.3).</summary>
    public FastCgiRequest? Find(ushort id)
    {
        foreach (FastCgiRequest request in _requests)
        {
            if (request.Id == id && request.State is RequestState.Receiving or RequestState.Running)
                return request;
        }
        return null;
    }

    /// <summary>Opens a request; null when the connection has as many as it may.</summary>
    /// <exception cref="FastCgiProtocolException">The front asks and asks but does not read the answers.</exception>
    public FastCgiRequest? Begin(ushort id, Role role, bool keepConnection)
    {
        FastCgiRequest? reusable = null;
        int open = 0;
        int whole = 0; // of which only the end is not sent: a front may count no more on that
        int ending = 0;
        lock (_gate)
        {
            foreach (FastCgiRequest request in _requests)
            {
                if (request.State is RequestState.Receiving or RequestState.Running)
                    _ = request.Response.HasReachedFrontWhole ? whole++ : open++;
                else if (request.State is RequestState.Ending or RequestState.Abandoned)
                    ending++;
                else if (request.State != RequestState.Answered)
                    reusable = request;
            }
            if (ending > (2 * _limits.MaxRequestsPerConnection) + _limits.MaxUnreadAnswers)
                throw new FastCgiProtocolException($"{ending} answers asked for and not read");
            _closeAfterLast |= !keepConnection;
            if (open + Math.Max(whole - _limits.MaxRequestsPerConnection, 0) >= _limits.MaxRequestsPerConnection)
                return null;
            if (reusable is null)
                _requests.Add(reusable = _pool.Take());
            else if (reusable.State == RequestState.Finished)
                reusable.Recycle();
            MayMultiplex |= open > 0 || (keepConnection && _limits.MaxRequestsPerConnection > 1);
            reusable.Begin(_connection, id, role, keepConnection, tooLate: _turnsAway && open + whole > 0);
            _unfinished++;
            Begun++;
        }
        return reusable;
    }

    /// <summary>The front has finished a stream nobody reads any more; noted so that the connection can close without lingering.</summary>
    public void NoteUnreadStreamEnded(ushort id, RecordType type)
    {
        foreach (FastCgiRequest request in _requests)
        {
            if (request.Id == id && request.State is not (RequestState.Free or RequestState.Receiving or RequestState.Running))
                request.OpenStream(type)?.End();
        }
    }

    /// <summary>From now on the front may use the request's id again.</summary>
    /// <returns>False when the request is abandoned: its end is another's to say.</returns>
    public static bool TryReleaseId(FastCgiRequest request) =>
        request.LeaveRunning(RequestState.Ending) is not (RequestState.Abandoned or RequestState.Answered);

    /// <summary>The reader begins to wait for bytes: those of the parameters that are not complete, among others.</summary>
    public void NoteReceiving(long now)
    {
        if (_unfinished > 0)
            Clock.NoteReceiving(now);
    }

    /// <summary>
    /// Whether other requests may come while one is open. Not only where that has been seen: they could stand unheard behind the
    /// first one's body.
    /// </summary>
    public bool MayMultiplex { get; private set; }

    /// <summary>Whether several requests are open at the moment.</summary>
    public bool AreSeveral => _unfinished > 1;

    /// <summary>Whether no other request is open.</summary>
    public bool IsAlone(FastCgiRequest request) => _unfinished == 1 && request.State == RequestState.Running;

    /// <summary>Whether no request is open.</summary>
    public bool IsIdle => _unfinished == 0;

    /// <summary>Adds what is known of each open request. From any thread: under the lock a request that runs keeps its parameters.</summary>
    public void AddFigures(List<RequestFigures> figures, long connection, long now)
    {
        lock (_gate)
        {
            foreach (FastCgiRequest request in _requests)
            {
                if (RequestDescription.StageOf(request) is RequestStage stage)
                    figures.Add(RequestDescription.Figures(request, stage, connection, now));
            }
        }
    }
}
