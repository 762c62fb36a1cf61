using System;

namespace FastCgi;

/// <summary>What is being done for a request.</summary>
public enum RequestStage
{
    /// <summary>Its parameters are arriving.</summary>
    ReadingParameters,

    /// <summary>It waits for one of the handlers that may block to end.</summary>
    Queued,

    /// <summary>Its handler runs and has sent nothing yet.</summary>
    Running,

    /// <summary>Its handler runs, and a part of the answer has gone out.</summary>
    Sending,

    /// <summary>The last of the answer is on its way.</summary>
    Ending,

    /// <summary>Its handler heeds no cancellation and runs on; the request has been ended without it, and its number may be another's.</summary>
    Abandoned,
}

/// <summary>One open request, at one moment: after php-fpm's full status page.</summary>
/// <param name="Connection">Numbers the connections since the server was made.</param>
/// <param name="Id">The front's number of the request, unique among those open on the connection and not abandoned.</param>
/// <param name="Stage">What is being done for it.</param>
/// <param name="Duration">Since its parameters were complete; zero while they are arriving.</param>
/// <param name="Method">REQUEST_METHOD; empty while parameters are arriving. Bytes that are no UTF-8 are replaced.</param>
/// <param name="Uri">The path, and behind a question mark the query, as for <paramref name="Method"/>; cut when it is very long.</param>
/// <param name="ContentLength">CONTENT_LENGTH, of the request's body; null when the front sent none.</param>
public readonly record struct RequestFigures(
    long Connection, ushort Id, RequestStage Stage, TimeSpan Duration, string Method, string Uri, long? ContentLength);
