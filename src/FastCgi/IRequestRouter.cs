using FastCgi.Protocol;

namespace FastCgi;

/// <summary>Picks the handler for a request.</summary>
public interface IRequestRouter
{
    /// <summary>
    /// Whether requests in a role are served; those in others end with UNKNOWN_ROLE (FastCGI 1.0 §5.5) and, where an authorizer was
    /// asked for, a denial. The responder alone, unless overridden.
    /// </summary>
    bool Plays(Role role) => role == Role.Responder;

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
