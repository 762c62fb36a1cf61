using System;

namespace FastCgi;

/// <summary>The request cannot be served, and the client is told so with this status and detail.</summary>
/// <remarks>
/// Reading <see cref="FastCgiRequest.Body"/> throws it: 413 for a body over the limit, 400 for one shorter than its
/// CONTENT_LENGTH, 408 for one that stopped arriving. A handler may throw it too: unlike any other exception's, its message
/// goes to the client.
/// </remarks>
public sealed class RequestRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="statusCode">An HTTP status of 400 to 599.</param>
    /// <param name="detail">What is wrong, naming the offending value; sent to the client.</param>
    public RequestRefusedException(int statusCode, string detail)
        : base(detail)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 599);
        StatusCode = statusCode;
    }

    /// <summary>Creates the exception as a plain 400.</summary>
    public RequestRefusedException(string detail)
        : this(400, detail)
    {
    }

    /// <summary>Creates the exception as a plain 400 with the error behind it.</summary>
    public RequestRefusedException(string detail, Exception innerException)
        : base(detail, innerException) => StatusCode = 400;

    /// <summary>Creates the exception as a plain 400 without a detail.</summary>
    public RequestRefusedException()
        : this(400, "the request cannot be served")
    {
    }

    /// <summary>The HTTP status the client gets.</summary>
    public int StatusCode { get; }
}
