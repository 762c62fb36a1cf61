using System;
using System.Text;

namespace FastCgi;

/// <summary>Says of a request what a person wants to know. Only while it runs, or under its connection's lock.</summary>
internal static class RequestDescription
{
    private const int MaxBytes = 256; // arbitrary; a line, a table row and an answer must not grow with what a client sends

    /// <summary>What is being done for it; null when it is not open.</summary>
    public static RequestStage? StageOf(FastCgiRequest request) => request.State switch
    {
        RequestState.Receiving => RequestStage.ReadingParameters,
        RequestState.Running when request.IsQueued => RequestStage.Queued,
        RequestState.Running when request.Response.HasReachedFront => RequestStage.Sending,
        RequestState.Running => RequestStage.Running,
        RequestState.Ending => RequestStage.Ending,
        RequestState.Abandoned or RequestState.Answered => RequestStage.Abandoned,
        _ => null,
    };

    public static RequestFigures Figures(FastCgiRequest request, RequestStage stage, long connection, long now) =>
        stage == RequestStage.ReadingParameters // which are not to be looked at yet
            ? new RequestFigures(connection, request.Id, stage, TimeSpan.Zero, "", "", null)
            : new RequestFigures(connection, request.Id, stage, Age(request, now), MethodOf(request), UriOf(request), request.ContentLength);

    public static TimeSpan Age(FastCgiRequest request, long now) => TimeSpan.FromMilliseconds(Math.Max(0, now - request.StartedAt));

    public static string MethodOf(FastCgiRequest request) => Excerpt(request.Method);

    public static string PathOf(FastCgiRequest request) => Excerpt(request.Path);

    /// <summary>The path, and the query behind a question mark when there is one.</summary>
    public static string UriOf(FastCgiRequest request) =>
        request.Query.IsEmpty ? PathOf(request) : $"{PathOf(request)}?{Excerpt(request.Query)}";

    /// <summary>What a client sent, bytes that are not UTF-8 replaced; of a long one the beginning and an ellipsis.</summary>
    public static string Excerpt(ReadOnlySpan<byte> value) =>
        value.Length <= MaxBytes ? Encoding.UTF8.GetString(value) : $"{Encoding.UTF8.GetString(value[..MaxBytes])}…";
}
