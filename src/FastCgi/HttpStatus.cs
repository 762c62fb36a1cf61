using System;

namespace FastCgi;

/// <summary>The reason phrases of HTTP status codes (RFC 9110 §15, RFC 6585, RFC 7725).</summary>
internal static class HttpStatus
{
    /// <summary>The reason phrase; for a code without one that of its class (RFC 9110 §15: treat as x00).</summary>
    public static string ReasonOf(int statusCode) => statusCode switch
    {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        507 => "Insufficient Storage",
        _ => (statusCode / 100) switch
        {
            2 => "OK",
            3 => "Multiple Choices",
            4 => "Bad Request",
            5 => "Internal Server Error",
            _ => throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "not a status of a final response"),
        },
    };

    /// <summary>Whether a response of this status has no body (RFC 9110 §6.4.1).</summary>
    public static bool HasNoBody(int statusCode) => statusCode is 204 or 304;
}
