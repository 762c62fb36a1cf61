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
internal sealed class RequestTable
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
        int ending = 0;
        lock (_gate)
        {
            foreach (FastCgiRequest request in _requests)
            {
                if (request.State is RequestState.Receiving or RequestState.Running)
                    open++;
                else if (request.State is RequestState.Ending or RequestState.Abandoned)
                    ending++;
                else if (request.State != RequestState.Answered)
                    reusable = request;
            }
            if (ending > _limits.MaxRequestsPerConnection + _limits.MaxUnreadAnswers)
                throw new FastCgiProtocolException($"{ending} answers asked for and not read");
            _closeAfterLast |= !keepConnection;
            if (open >= _limits.MaxRequestsPerConnection)
                return null;
            if (reusable is null)
                _requests.Add(reusable = _pool.Take());
            else if (reusable.State == RequestState.Finished)
                reusable.Recycle();
            MayMultiplex |= open > 0 || (keepConnection && _limits.MaxRequestsPerConnection > 1);
            reusable.Begin(_connection, id, role, keepConnection, tooLate: _turnsAway && open > 0);
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

    /// <summary>A request is over; of an abandoned one its handler.</summary>
    public void Finish(FastCgiRequest request)
    {
        lock (_gate)
        {
            switch (request.State)
            {
                case RequestState.Abandoned: // its end is still under way
                    request.State = RequestState.Ending;
                    break;

                case RequestState.Answered:
                    request.State = RequestState.Finished;
                    _answered--;
                    if (_unfinished == 0)
                        NoneLeft(isNews: false);
                    break;

                default:
                    request.State = RequestState.Finished;
                    if (--_unfinished == 0)
                        NoneLeft(isNews: true);
                    break;
            }
        }
    }

    /// <summary>The end of an abandoned request is sent.</summary>
    public void FinishAbandoned(FastCgiRequest request)
    {
        lock (_gate)
        {
            bool handlerRuns = request.State == RequestState.Abandoned;
            request.State = handlerRuns ? RequestState.Answered : RequestState.Finished;
            _answered += handlerRuns ? 1 : 0;
            if (--_unfinished == 0)
                NoneLeft(isNews: true);
        }
    }

    /// <summary>Under the lock, which the reader takes before it goes on: later the connection might serve another front already.</summary>
    private void NoneLeft(bool isNews)
    {
        if (_answered == 0)
            TellAllFinished();
        if (!_readerWaits)
            return;
        GiveBack();
        if (isNews)
            _connection.LastRequestEnded(closes: _closeAfterLast);
    }

    /// <summary>The reader begins to wait for bytes: those of the parameters that are not complete, among others.</summary>
    public void NoteReceiving(long now)
    {
        if (_unfinished > 0)
            Clock.NoteReceiving(now);
    }

    /// <summary>The connection is to close when its last request has ended. Called by the reader.</summary>
    public void CloseAfterLast()
    {
        lock (_gate)
            _closeAfterLast = true;
    }

    /// <summary>The same for a request that was never opened: the front still sends its streams, which are to be read.</summary>
    public void CloseAfterRefused()
    {
        lock (_gate)
            _closeAfterLast = _refused = true;
    }

    /// <summary>Whether nothing is open or to be read, and the reader waits for the next request. Called where the reader runs.</summary>
    public bool AwaitsRequest
    {
        get
        {
            lock (_gate)
                return _readerWaits && !_closeAfterLast && NothingLeftToRead;
        }
    }

    /// <summary>
    /// The server stops: with the last request the connection closes. One that begins beside others gets 503, or there would always be
    /// another; one that crosses the last answer is served.
    /// </summary>
    /// <returns>True when nothing is in flight and the reader waits.</returns>
    public bool TurnAway()
    {
        lock (_gate)
        {
            _turnsAway = _closeAfterLast = true;
            return _unfinished == 0 && _readerWaits;
        }
    }

    /// <summary>The reader has read all there is.</summary>
    /// <returns>False when it need not wait for more: the last request has ended and the connection is to close.</returns>
    public bool ReaderStartsWaiting()
    {
        lock (_gate)
        {
            if (_unfinished > 0)
                return _readerWaits = true;
            if (!_closeAfterLast)
                GiveBack();
            return _readerWaits = !_closeAfterLast;
        }
    }

    /// <summary>
    /// Does something if the reader still waits, with no request open, as it did when this connection's number was
    /// <paramref name="connection"/>: where another has come meanwhile, its end will bring us here again.
    /// </summary>
    public void IfStillWaiting(int connection, Action action)
    {
        lock (_gate)
        {
            if (_readerWaits && _unfinished == 0 && connection == Connection)
                action();
        }
    }

    /// <summary>The reader has bytes to work on.</summary>
    public void ReaderStopsWaiting()
    {
        lock (_gate)
            _readerWaits = false;
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

    /// <summary>After the end of input: whether answers can still be delivered, because all requests were received in full.</summary>
    public bool AllReceived()
    {
        foreach (FastCgiRequest request in _requests)
        {
            if (request.State == RequestState.Receiving || (request.State == RequestState.Running && !request.IsReceived))
                return false;
        }
        return true;
    }

    /// <summary>Nobody waits for the answers any more. From any thread.</summary>
    public void CancelAll()
    {
        lock (_gate)
        {
            foreach (FastCgiRequest request in _requests)
            {
                if (request.State is RequestState.Running or RequestState.Ending)
                    request.Cancel();
            }
        }
    }

    /// <summary>Forgets the requests whose parameters will never be complete. Called by the reader, which might be starting one.</summary>
    public void DropReceiving()
    {
        lock (_gate)
        {
            _readerWaits = false;
            foreach (FastCgiRequest request in _requests)
            {
                if (request.State != RequestState.Receiving)
                    continue;
                request.State = RequestState.Finished; // its handler was never started
                if (--_unfinished == 0 && _answered == 0)
                    TellAllFinished();
            }
        }
    }

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

    /// <summary>The bodies that did not come: handlers that wait for them get the exception. Called by the reader.</summary>
    /// <remarks>Without the lock, since handlers resume here; only the reader changes the list or takes a request out of use.</remarks>
    public void FailBodies(Exception reason)
    {
        foreach (FastCgiRequest request in _requests)
        {
            if (request.State == RequestState.Running)
                request.FailStreams(reason);
        }
    }

    /// <summary>
    /// An idle connection holds no requests. Under the lock, while no request is open and the reader is waiting or about to.
    /// One whose body the front has not finished stays, for that to be noted.
    /// </summary>
    private void GiveBack()
    {
        for (int i = _requests.Count - 1; i >= 0; i--)
        {
            FastCgiRequest request = _requests[i];
            if (!request.IsReadToEnd || request.State == RequestState.Answered)
                continue;
            request.Recycle();
            _requests.RemoveAt(i);
            _pool.Return(request);
        }
    }

    /// <summary>Completes when no handler runs any more.</summary>
    public Task WhenAllFinished()
    {
        if (_unfinished + _answered == 0)
            return Task.CompletedTask;
        lock (_gate)
        {
            if (_unfinished + _answered == 0)
                return Task.CompletedTask;
            _allFinished = new TaskCompletionSource();
            return _allFinished.Task;
        }
    }

    /// <summary>Under the lock. The reader goes on in its place: on the thread that serves all connections.</summary>
    private void TellAllFinished()
    {
        if (_allFinished is not null)
            PostResult(_allFinished); // apart, or every request would allocate the closure
    }

    private void PostResult(TaskCompletionSource waiting) => _connection.Post(() => waiting.TrySetResult());
}
