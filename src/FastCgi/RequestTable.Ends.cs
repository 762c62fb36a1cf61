using System;
using System.Threading.Tasks;

namespace FastCgi;

/// <summary>How requests end, and the connection with the last of them.</summary>
internal sealed partial class RequestTable
{
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
    /// another; one that crosses the end of the last answer is served.
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
