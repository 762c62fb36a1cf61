using System;

namespace FastCgi;

/// <summary>Told of every request when it has ended: an access log.</summary>
public interface IRequestLog
{
    /// <summary>Keeps a line, or whatever it likes, of one request.</summary>
    /// <remarks>
    /// Called on the thread its handler ended on, so several at a time when handlers may block; must not block for long. The request must not
    /// be kept, nor its body be read.
    /// </remarks>
    void Write(FastCgiRequest request, in RequestOutcome outcome);
}

/// <summary>What became of a request.</summary>
/// <param name="StatusCode">The HTTP status of the answer, sent or not.</param>
/// <param name="BodyBytes">Bytes of the answer's body: those written, even if nobody took them.</param>
/// <param name="Duration">From the end of its parameters to the end of its answer.</param>
/// <param name="Aborted">Whether nobody waited for the answer any more, or it was cut short.</param>
public readonly record struct RequestOutcome(int StatusCode, long BodyBytes, TimeSpan Duration, bool Aborted);
