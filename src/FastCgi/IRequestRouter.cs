namespace FastCgi;

/// <summary>Picks the handler for a request.</summary>
public interface IRequestRouter
{
    /// <summary>Called once per request, on the thread that serves all connections, when the parameters are complete.</summary>
    Route Resolve(FastCgiRequest request);
}

/// <summary>A handler and how it wants to be run.</summary>
/// <param name="Handler">Answers the request.</param>
/// <param name="MayBlock">
/// True for a handler that reads files, computes for long or waits without await: it runs on the thread pool, at most
/// <see cref="ServerLimits.MaxBlockingHandlers"/> at a time.
/// </param>
public readonly record struct Route(IRequestHandler Handler, bool MayBlock = false);
