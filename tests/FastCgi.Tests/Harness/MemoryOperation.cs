using System;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace FastCgi.Tests.Harness;

/// <summary>A receive or a send of a <see cref="MemoryTransport"/> that the other side completes.</summary>
internal sealed class MemoryOperation : IValueTaskSource<int>
{
    public const int Nothing = int.MinValue;

    private ManualResetValueTaskSourceCore<int> _core;
    private int _pending;

    public bool IsPending => _pending != 0;

    public ValueTask<int> Start()
    {
        _core.Reset();
        _pending = 1;
        return new ValueTask<int>(this, _core.Version);
    }

    public void CompleteIf(bool condition, int result)
    {
        if (condition && Interlocked.Exchange(ref _pending, 0) == 1)
            _core.SetResult(result);
    }

    public int GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
