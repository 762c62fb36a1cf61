using FastCgi;

namespace Appliance.Access;

/// <summary>Why somebody does not get what the request asks for.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong, naming the offending value; for the client and the log.</param>
/// <param name="HeaderName">A field that goes with the status.</param>
/// <param name="HeaderValue">Its value.</param>
internal sealed record Refusal(int Status, string Detail, string? HeaderName = null, string HeaderValue = "")
{
    /// <summary>The answer.</summary>
    public ProblemHandler Handler { get; } = new(Status, Detail, HeaderName, HeaderValue);
}
