using System;
using System.Text;
using System.Threading.Tasks;

namespace FastCgi;

/// <summary>Answers every request with one problem (RFC 9457): for paths that lead nowhere and requests that are refused.</summary>
public sealed class ProblemHandler : IRequestHandler
{
    internal static readonly ProblemHandler Overloaded = new(503, "the server is busy; try again", "Retry-After", "1");
    internal static readonly ProblemHandler Stopping = new(503, "the server is being restarted; try again", "Retry-After", "1");
    internal static readonly ProblemHandler TimedOut = new(503, "the request took too long");
    internal static readonly ProblemHandler Cancelled = new(503, "the request was cancelled");
    internal static readonly ProblemHandler Failed = new(500, "the server failed to answer; its log has the details");

    private readonly int _statusCode;
    private readonly string _detail;
    private readonly byte[]? _headerName;
    private readonly byte[]? _headerValue;

    /// <summary>Creates the handler.</summary>
    /// <param name="statusCode">400 to 599.</param>
    /// <param name="detail">What is wrong, naming the offending value.</param>
    /// <param name="headerName">A header field that goes with the status, such as Allow with 405.</param>
    /// <param name="headerValue">Its value.</param>
    public ProblemHandler(int statusCode, string detail, string? headerName = null, string headerValue = "")
    {
        _statusCode = statusCode;
        _detail = detail;
        _headerName = headerName is null ? null : Encoding.ASCII.GetBytes(headerName);
        _headerValue = Encoding.ASCII.GetBytes(headerValue);
    }

    internal bool IsServersFault => _statusCode >= 500;

    /// <inheritdoc/>
    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (_headerName is not null)
            response.AddHeader(_headerName, _headerValue);
        Problem.Write(response, _statusCode, _detail);
        return default;
    }
}
