using System;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>Turns a loop on a thread of its own until it is disposed.</summary>
internal sealed class LoopThread : IDisposable
{
    private readonly EventLoop _loop;
    private readonly Thread _thread;
    private Exception? _failure;
    private volatile bool _stop;

    public LoopThread(EventLoop loop)
    {
        _loop = loop;
        _thread = new Thread(() => _failure = Record.Exception(TurnUntilStopped)) { IsBackground = true };
        _thread.Start();
    }

    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Runs something that blocks on a thread of its own; one of the pool's would be missed there.</summary>
    public static Task StartElsewhere(Action action) =>
        Task.Factory.StartNew(action, default, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Runs something on the loop's thread and waits until it has.</summary>
    public async Task DoAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() =>
        {
            if (Record.Exception(action) is Exception e)
                done.SetException(e);
            else
                done.SetResult();
        });
        await done.Task.WaitAsync(Front.Deadline).ConfigureAwait(false);
    }

    /// <summary>Waits for what may end on the loop's thread and goes on elsewhere: it must not wait for itself.</summary>
    public static async Task<T> LeaveAfterAsync<T>(Task<T> task)
    {
        T result = await task.WaitAsync(Front.Deadline).ConfigureAwait(false);
        await Task.Yield();
        return result;
    }

    public void Dispose()
    {
        _stop = true;
        _loop.Wake();
        Assert.True(_thread.Join(Front.Deadline), "the loop was not woken");
        Assert.Null(_failure);
    }

    private void TurnUntilStopped()
    {
        while (!_stop)
            _loop.Turn(-1);
    }
}
