using System;
using System.Collections.Generic;
using System.Threading;

namespace FastCgi;

/// <summary>Which requests of a connection take too long: asked by the sweep, while the reader and handlers are at work.</summary>
/// <param name="requests">The connection's requests; changed under the lock.</param>
/// <param name="gate">The lock of <see cref="RequestTable"/>.</param>
internal sealed class RequestClock(List<FastCgiRequest> requests, Lock gate)
{
    /// <summary>Since when the oldest request whose parameters are still arriving has been waited for; long.MaxValue when there is none.</summary>
    public long OldestReceiving
    {
        get
        {
            long oldest = long.MaxValue;
            lock (gate)
            {
                foreach (FastCgiRequest request in requests)
                {
                    if (request.State == RequestState.Receiving)
                        oldest = Math.Min(oldest, request.WaitedForSince);
                }
            }
            return oldest;
        }
    }

    /// <summary>The reader, which calls this, begins to wait: the clock of requests whose parameters are not complete starts, unless it runs already.</summary>
    public void NoteReceiving(long now)
    {
        lock (gate)
        {
            foreach (FastCgiRequest request in requests)
            {
                if (request.State == RequestState.Receiving && request.WaitedForSince == long.MaxValue)
                    request.WaitedForSince = now;
            }
        }
    }

    /// <summary>Cancels the requests that have taken too long; one that only waits for its turn is answered.</summary>
    /// <param name="now">Environment.TickCount64.</param>
    /// <param name="graceMilliseconds">How long a handler may take to heed that.</param>
    /// <param name="shared">Whether one that has not is to be abandoned for the sake of others on its connection.</param>
    /// <param name="blocking">Where some wait.</param>
    /// <returns>Those that have not ended although they were cancelled long ago.</returns>
    public IReadOnlyList<FastCgiRequest> CancelOverdue(long now, long graceMilliseconds, bool shared, BlockingHandlers blocking)
    {
        List<FastCgiRequest>? stuck = null;
        lock (gate)
        {
            foreach (FastCgiRequest request in requests)
            {
                if (request.State != RequestState.Running || now <= request.Deadline)
                    continue;
                request.Cancel(timedOut: true);
                if (request.IsQueued && blocking.TryEndWaiting(request))
                    continue;
                if (now > request.Deadline + graceMilliseconds && (!shared || request.LeaveRunning(RequestState.Abandoned) == RequestState.Running))
                    (stuck ??= []).Add(request);
            }
        }
        return stuck ?? (IReadOnlyList<FastCgiRequest>)[];
    }

    /// <summary>Shows the observer the requests that run.</summary>
    public void ShowRunning(RequestObserver observer, long now)
    {
        lock (gate)
        {
            foreach (FastCgiRequest request in requests)
            {
                if (request.State == RequestState.Running)
                    observer.Sweep(request, now);
            }
        }
    }

    /// <summary>Handlers that wait for a body that has stopped arriving wait no longer.</summary>
    public void TimeOutBodies(long now)
    {
        lock (gate)
        {
            foreach (FastCgiRequest request in requests)
            {
                if (request.State == RequestState.Running)
                    request.TimeOutStreams(now);
            }
        }
    }
}
