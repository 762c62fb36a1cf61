using System;

namespace FastCgi;

/// <summary>The reason phrases of HTTP status codes (RFC 9110 §15, RFC 6585, RFC 7725).</summary>
internal static class HttpStatus
{
    /// <summary>The reason phrase; for a code without one that of its class (RFC 9110 §15: treat as x00).</summary>
    public static ReadOnlySpan<byte> ReasonOf(int statusCode) => statusCode switch
    {
        200 => "OK"u8,
        201 => "Created"u8,
        202 => "Accepted"u8,
        204 => "No Content"u8,
        206 => "Partial Content"u8,
        301 => "Moved Permanently"u8,
        302 => "Found"u8,
        303 => "See Other"u8,
        304 => "Not Modified"u8,
        307 => "Temporary Redirect"u8,
        308 => "Permanent Redirect"u8,
        400 => "Bad Request"u8,
        401 => "Unauthorized"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        406 => "Not Acceptable"u8,
        408 => "Request Timeout"u8,
        409 => "Conflict"u8,
        410 => "Gone"u8,
        411 => "Length Required"u8,
        412 => "Precondition Failed"u8,
        413 => "Content Too Large"u8,
        414 => "URI Too Long"u8,
        415 => "Unsupported Media Type"u8,
        416 => "Range Not Satisfiable"u8,
        421 => "Misdirected Request"u8,
        422 => "Unprocessable Content"u8,
        428 => "Precondition Required"u8,
        429 => "Too Many Requests"u8,
        431 => "Request Header Fields Too Large"u8,
        451 => "Unavailable For Legal Reasons"u8,
        500 => "Internal Server Error"u8,
        501 => "Not Implemented"u8,
        502 => "Bad Gateway"u8,
        503 => "Service Unavailable"u8,
        504 => "Gateway Timeout"u8,
        507 => "Insufficient Storage"u8,
        _ => (statusCode / 100) switch
        {
            2 => "OK"u8,
            3 => "Multiple Choices"u8,
            4 => "Bad Request"u8,
            5 => "Internal Server Error"u8,
            _ => throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "not a status of a final response"),
        },
    };

    /// <summary>Whether a response of this status has no body (RFC 9110 §6.4.1).</summary>
    public static bool HasNoBody(int statusCode) => statusCode is 204 or 304;
}
