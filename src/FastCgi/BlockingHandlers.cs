using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace FastCgi;

/// <summary>
/// Runs handlers that may block on the thread pool, a bounded number at a time, in the order they came; a bounded number more wait.
/// </summary>
internal sealed class BlockingHandlers
{
    private readonly ServerLimits _limits;
    private readonly Func<FastCgiRequest, IRequestHandler, Task> _run;
    private readonly Queue<Job> _waiting = new();
    private int _running;

    public BlockingHandlers(ServerLimits limits, Func<FastCgiRequest, IRequestHandler, Task> run)
    {
        _limits = limits;
        _run = run;

        // The pool starts with a thread per core and adds one every half second: too late for handlers that really block.
        ThreadPool.GetMinThreads(out int workers, out int completions);
        if (workers <= limits.MaxBlockingHandlers)
            ThreadPool.SetMinThreads(limits.MaxBlockingHandlers + 1, completions);
    }

    /// <summary>Starts the handler, or lets it wait. False when as many wait as may.</summary>
    public bool TryAdd(FastCgiRequest request, IRequestHandler handler)
    {
        lock (_waiting)
        {
            if (_running == _limits.MaxBlockingHandlers)
            {
                if (_waiting.Count == _limits.MaxQueuedRequests)
                    return false;
                _waiting.Enqueue(new Job(request, handler));
                return true;
            }
            _running++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static start => _ = start.Handlers.WorkAsync(start.Job), (Handlers: this, Job: new Job(request, handler)), preferLocal: false);
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
                if (!_waiting.TryDequeue(out job))
                {
                    _running--;
                    return;
                }
            }
            // A handler that awaited may have ended on the thread that serves all connections; the next one must not run there.
            if (!Thread.CurrentThread.IsThreadPoolThread)
                await Task.Yield();
        }
    }

    private readonly record struct Job(FastCgiRequest Request, IRequestHandler Handler);
}
