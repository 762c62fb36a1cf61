using System;
using System.Runtime.CompilerServices;

namespace FastCgi.Transport;

/// <summary>
/// <c>await</c> it to go on later, on the thread that serves all connections, after what has already happened was handled. Always
/// suspends: the caller may be elsewhere, or have kept that thread for long.
/// </summary>
internal readonly struct OthersFirst(ITransport transport) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public OthersFirst GetAwaiter() => this;

    public void GetResult()
    {
        // Nothing to give: waiting was the point.
    }

    public void OnCompleted(Action continuation) => transport.Post(continuation);

    public void UnsafeOnCompleted(Action continuation) => transport.Post(continuation);
}
