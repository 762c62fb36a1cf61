using System;
using System.Text;

namespace FastCgi;

/// <summary>Says of a request what a person wants to know. Only while it runs, or under its connection's lock.</summary>
internal static class RequestDescription
{
    private const int MaxUriBytes = 256; // arbitrary; a line and a table row must not grow with what a client sends

    /// <summary>What is being done for it; null when it is not open.</summary>
    public static RequestStage? StageOf(FastCgiRequest request) => request.State switch
    {
        RequestState.Receiving => RequestStage.ReadingParameters,
        RequestState.Running when request.IsQueued => RequestStage.Queued,
        RequestState.Running when request.Response.HasReachedFront => RequestStage.Sending,
        RequestState.Running => RequestStage.Running,
        RequestState.Ending => RequestStage.Ending,
        _ => null,
    };

    public static RequestFigures Figures(FastCgiRequest request, RequestStage stage, long connection, long now) =>
        stage == RequestStage.ReadingParameters // which are not to be looked at yet
            ? new RequestFigures(connection, request.Id, stage, TimeSpan.Zero, "", "", null)
            : new RequestFigures(connection, request.Id, stage, Age(request, now), MethodOf(request), UriOf(request), request.ContentLength);

    public static TimeSpan Age(FastCgiRequest request, long now) => TimeSpan.FromMilliseconds(Math.Max(0, now - request.StartedAt));

    public static string MethodOf(FastCgiRequest request) => Text(request.Method);

    /// <summary>The path, and the query behind a question mark when there is one.</summary>
    public static string UriOf(FastCgiRequest request) =>
        request.Query.IsEmpty ? Text(request.Path) : $"{Text(request.Path)}?{Text(request.Query)}";

    private static string Text(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxUriBytes ? Encoding.UTF8.GetString(bytes) : $"{Encoding.UTF8.GetString(bytes[..MaxUriBytes])}…";
}
