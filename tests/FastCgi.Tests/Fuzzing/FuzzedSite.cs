using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;

namespace FastCgi.Tests.Fuzzing;

/// <summary>Handlers of every kind there may be, each under its path. What they do wrong on purpose is in <see cref="IsPlanned"/>.</summary>
internal sealed class FuzzedSite : IRequestRouter, IRequestHandler
{
    private readonly Queue<TaskCompletionSource> _gates = new();
    private bool _released;

    /// <summary>All that end without being released, aborted or given a body.</summary>
    public static string[] Prompt { get; } = ["/echo", "/say", "/long", "/stream"];

    public static string[] Any { get; } =
    [
        .. Prompt, "/half", "/throw", "/throw-late", "/none", "", "/short", "/over", "/header", "/empty", "/unflushed", "/skip", "/hold",
        "/deaf", "/deaf-late", "/aside", "/router", "/permit", "/permit-fail", "/file", "/error",
    ];

    /// <summary>Those whose course depends on the thread pool.</summary>
    public static string[] Pooled { get; } = ["/wait", "/pool-echo", "/pool-block", "/pool-long", "/pool-throw"];

    public static bool IsPlanned(string failure) =>
        failure.Contains("as planned", StringComparison.Ordinal) || failure.Contains("bytes its Content-Length says", StringComparison.Ordinal);

    public bool Plays(Role role) => role is Role.Responder or Role.Authorizer or Role.Filter;

    public Route Resolve(FastCgiRequest request) => request.Path.SequenceEqual("/router"u8)
        ? throw new InvalidOperationException("as planned")
        : new Route(this, request.Path.StartsWith("/pool"u8));

    public void Hold()
    {
        lock (_gates)
            _released = false;
    }

    /// <summary>Lets the handler go on that has waited longest.</summary>
    public void ReleaseOne()
    {
        TaskCompletionSource? gate;
        lock (_gates)
            _gates.TryDequeue(out gate);
        gate?.TrySetResult();
    }

    public void ReleaseAll()
    {
        lock (_gates)
            _released = true;
        while (_gates.Count > 0)
            ReleaseOne();
    }

    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        switch (Encoding.ASCII.GetString(request.Path))
        {
            case "/echo" or "/pool-echo": return Site.Echo(request, response);
            case "/say": return Site.SayPath(request, response);
            case "/long" or "/pool-long": return LongAsync(response);
            case "/stream": return StreamAsync(response);
            case "/half": return HalfAsync(request, response);
            case "/throw" or "/pool-throw": throw Planned("at once");
            case "/throw-late": return ThrowLateAsync(response);
            case "/short": Write(response, 10, declared: 11); return default;
            case "/over": return Planned(() => Write(response, 12, declared: 11));
            case "/header": return Planned(() => response.AddHeader("X"u8, "a\r\nb"u8));
            case "/empty": response.StatusCode = 304; Write(response, 10, declared: 10); return default;
            case "/unflushed": return Planned(() => WriteAndWrite(response));
            case "/skip": return SkipAsync(request);
            case "/hold": return HoldAsync(request, response);
            case "/deaf": return DeafAsync(response);
            case "/deaf-late": return DeafLateAsync(response);
            case "/aside": return Aside(response);
            case "/permit": response.StatusCode = 200; return default;
            case "/permit-fail": return PermitAndFailAsync(response);
            case "/file": return FileAsync(request, response);
            case "/error": response.WriteError("error"u8); return Site.SayPath(request, response);
            case "/wait": return WaitAsync(request);
            case "/pool-block": GateAsync().GetAwaiter().GetResult(); return Site.SayPath(request, response);
            default: return default;
        }
    }

    private static InvalidOperationException Planned(string what) => new($"as planned: {what}");

    private static ValueTask Planned(Action action)
    {
        try
        {
            action();
            return default;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw Planned(e.Message);
        }
    }

    private static void Write(FastCgiResponse response, int bytes, long? declared)
    {
        response.ContentLength = declared;
        response.Body.Write(new byte[bytes]);
    }

    private static void WriteAndWrite(FastCgiResponse response)
    {
        for (int i = 0; i < 30; i++)
            response.Body.Write(FuzzedAnswers.Long.AsSpan(0, 3000));
    }

    private static ValueTask Aside(FastCgiResponse response)
    {
        response.Body.GetSpan(70_000)[..66_000].Fill((byte)'a');
        response.Body.Advance(66_000);
        return default;
    }

    private static async ValueTask LongAsync(FastCgiResponse response) => await response.Body.WriteAsync(FuzzedAnswers.Long).ConfigureAwait(false);

    private static async ValueTask StreamAsync(FastCgiResponse response)
    {
        for (int i = 0; i < FuzzedAnswers.StreamPieces; i++)
        {
            response.Body.Write(FuzzedAnswers.StreamPiece);
            if ((await response.Body.FlushAsync().ConfigureAwait(false)).IsCompleted)
                return;
        }
    }

    private static async ValueTask HalfAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.Body.Write("half"u8);
        await response.Body.FlushAsync().ConfigureAwait(false);
        await Site.ReadAllAsync(request).ConfigureAwait(false);
        response.Body.Write("half"u8);
    }

    private static async ValueTask ThrowLateAsync(FastCgiResponse response)
    {
        response.Body.Write("half"u8);
        await response.Body.FlushAsync().ConfigureAwait(false);
        response.Body.Write("never sent"u8);
        throw Planned("late");
    }

    private static async ValueTask PermitAndFailAsync(FastCgiResponse response)
    {
        response.StatusCode = 200;
        await response.Body.FlushAsync().ConfigureAwait(false);
        throw Planned("after a permission");
    }

    private static async ValueTask FileAsync(FastCgiRequest request, FastCgiResponse response)
    {
        if (request.Role != Role.Filter)
            throw Planned("a file is the filter's");
        ReadResult read = await request.File.ReadAsync().ConfigureAwait(false);
        response.Body.Write(read.Buffer.FirstSpan);
        request.File.AdvanceTo(read.Buffer.End);
    }

    private static async ValueTask SkipAsync(FastCgiRequest request)
    {
        ReadResult read = await request.Body.ReadAsync().ConfigureAwait(false);
        request.Body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        await request.Body.CompleteAsync().ConfigureAwait(false);
    }

    private async ValueTask HoldAsync(FastCgiRequest request, FastCgiResponse response)
    {
        ReadResult read = await request.Body.ReadAsync().ConfigureAwait(false);
        request.Body.AdvanceTo(read.Buffer.Start);
        await GateAsync().ConfigureAwait(false);
        await Site.Echo(request, response).ConfigureAwait(false);
    }

    private async ValueTask DeafAsync(FastCgiResponse response)
    {
        await GateAsync().ConfigureAwait(false);
        response.Body.Write("after all"u8);
    }

    private async ValueTask DeafLateAsync(FastCgiResponse response)
    {
        response.Body.Write("half"u8);
        await response.Body.FlushAsync().ConfigureAwait(false);
        await GateAsync().ConfigureAwait(false);
        await response.Body.WriteAsync(FuzzedAnswers.Long, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Heeds its token, whose callbacks run on the pool.</summary>
    private async ValueTask WaitAsync(FastCgiRequest request)
    {
        var aborted = new TaskCompletionSource();
        using (request.Aborted.Register(() => aborted.TrySetCanceled()))
            await (await Task.WhenAny(aborted.Task, GateAsync()).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private Task GateAsync()
    {
        lock (_gates)
        {
            if (_released)
                return Task.CompletedTask;
            var gate = new TaskCompletionSource();
            _gates.Enqueue(gate);
            return gate.Task;
        }
    }
}

/// <summary>What the prompt handlers answer.</summary>
internal static class FuzzedAnswers
{
    public const int StreamPieces = 40;

    public static byte[] Long { get; } = MakeLong();

    public static byte[] StreamPiece { get; } = Encoding.ASCII.GetBytes("data: piece\n\n");

    public static byte[] To(string path, byte[] body)
    {
        switch (path)
        {
            case "/echo": return body;
            case "/say": return Encoding.ASCII.GetBytes(path);
            case "/long": return Long;
            default:
                byte[] all = new byte[StreamPieces * StreamPiece.Length];
                for (int i = 0; i < StreamPieces; i++)
                    StreamPiece.CopyTo(all.AsSpan(i * StreamPiece.Length));
                return all;
        }
    }

    private static byte[] MakeLong()
    {
        byte[] bytes = new byte[40_000];
        new Dice(1).Fill(bytes);
        return bytes;
    }
}
