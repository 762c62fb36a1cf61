using System.Threading.Tasks;

namespace FastCgi;

/// <summary>Answers requests. One instance serves all of them, several at a time.</summary>
public interface IRequestHandler
{
    /// <summary>
    /// Answers one request. Called when its parameters are complete; the body may still be arriving
    /// (<see cref="FastCgiRequest.Body"/>). Returning without an exception completes the response; an exception before the
    /// first flush becomes a 500.
    /// </summary>
    /// <remarks>
    /// Unless its <see cref="Route"/> says that it may block, a handler runs on the thread that serves all connections:
    /// it may await, but must not block or compute for long.
    /// <paramref name="request"/> and <paramref name="response"/> are reused after the call and must not be kept.
    /// </remarks>
    ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response);
}
