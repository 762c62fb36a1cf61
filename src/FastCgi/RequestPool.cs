using System.Collections.Generic;
using System.Threading;

namespace FastCgi;

/// <summary>
/// Request objects that are not in use, for all connections of a server: a connection that is kept and idle holds none, so
/// that thousands of them cost little. The last one given back is the first taken: its memory is in the processor's cache.
/// </summary>
internal sealed class RequestPool(ServerLimits limits)
{
    private const int MaxFree = 32; // arbitrary: some kilobytes each; more at once than this is a burst

    private readonly Stack<FastCgiRequest> _others = new();
    private readonly Lock _gate = new();
    private FastCgiRequest? _last; // most of the time one goes and comes: without the lock

    public FastCgiRequest Take()
    {
        if (Interlocked.Exchange(ref _last, null) is FastCgiRequest last)
            return last;
        lock (_gate)
        {
            if (_others.TryPop(out FastCgiRequest? other))
                return other;
        }
        return new FastCgiRequest(limits);
    }

    /// <summary>Takes one back that was recycled; nothing uses it any more.</summary>
    public void Return(FastCgiRequest request)
    {
        if (Interlocked.CompareExchange(ref _last, request, null) is null)
            return;
        lock (_gate)
        {
            if (_others.Count < MaxFree)
                _others.Push(request);
        }
    }
}
