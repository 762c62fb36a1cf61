using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace FastCgi;

/// <summary>
/// Runs handlers that may block on the thread pool, a bounded number at a time, in the order they came; a bounded number more wait.
/// </summary>
/// <remarks>A handler keeps its place until it returns. What it has written and not flushed is sent after that, at its reader's pace.</remarks>
internal sealed class BlockingHandlers
{
    private ServerLimits _limits;
    private readonly Func<FastCgiRequest, IRequestHandler, Task> _run;
    private readonly Queue<Job> _waiting = new();
    private int _running;
    private int _mostWaiting;

    /// <param name="limits">How many may run, and wait.</param>
    /// <param name="run">Runs one; done when it has returned. Never fails.</param>
    public BlockingHandlers(ServerLimits limits, Func<FastCgiRequest, IRequestHandler, Task> run)
    {
        _limits = limits;
        _run = run;
        RaiseThreads();
    }

    /// <summary>How many may run, and wait. Handlers that run already run on.</summary>
    public ServerLimits Limits
    {
        set
        {
            lock (_waiting)
                _limits = value;
            RaiseThreads();
        }
    }

    /// <summary>How many run, how many wait, and how many ever waited at once.</summary>
    public (int Running, int Waiting, int MostWaiting) Count()
    {
        lock (_waiting)
            return (_running, _waiting.Count, _mostWaiting);
    }

    /// <summary>Starts the handler, or lets it wait. False when as many wait as may.</summary>
    public bool TryAdd(FastCgiRequest request, IRequestHandler handler)
    {
        lock (_waiting)
        {
            if (_running >= _limits.MaxBlockingHandlers)
            {
                if (_waiting.Count >= _limits.MaxQueuedRequests)
                    return false;
                request.IsQueued = true;
                _waiting.Enqueue(new Job(request, handler));
                _mostWaiting = Math.Max(_mostWaiting, _waiting.Count);
                return true;
            }
            _running++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static start => _ = start.Handlers.WorkAsync(start.Job), (Handlers: this, Job: new Job(request, handler)), preferLocal: false);
        return true;
    }

    /// <summary>Lets a cancelled request, which has no use for a handler, wait no longer. False when it does not wait any more.</summary>
    public bool TryEndWaiting(FastCgiRequest request)
    {
        Job? ended = null;
        lock (_waiting)
        {
            for (int i = _waiting.Count; i > 0; i--)
            {
                Job job = _waiting.Dequeue();
                if (job.Request == request)
                    ended = job;
                else
                    _waiting.Enqueue(job);
            }
        }
        if (ended is not Job found)
            return false;
        request.IsQueued = false;
        ThreadPool.UnsafeQueueUserWorkItem(static end => _ = end.Run(end.Job.Request, end.Job.Handler), (Run: _run, Job: found), preferLocal: false);
        return true;
    }

    /// <summary>Runs one handler after the other until none waits.</summary>
    private async Task WorkAsync(Job job)
    {
        while (true)
        {
            await _run(job.Request, job.Handler).ConfigureAwait(false);
            lock (_waiting)
            {
                if (_running > _limits.MaxBlockingHandlers || !_waiting.TryDequeue(out job))
                {
                    _running--;
                    return;
                }
            }
            job.Request.IsQueued = false;
            // A handler that awaited may have ended on the thread that serves all connections; the next one must not run there.
            if (!Thread.CurrentThread.IsThreadPoolThread)
                await Task.Yield();
        }
    }

    /// <summary>The pool starts with a thread per core and adds one every half second: too late for handlers that really block.</summary>
    private void RaiseThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        if (workers <= _limits.MaxBlockingHandlers)
            ThreadPool.SetMinThreads(_limits.MaxBlockingHandlers + 1, completions);
    }

    private readonly record struct Job(FastCgiRequest Request, IRequestHandler Handler);
}
