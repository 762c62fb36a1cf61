using System;
using System.Buffers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi.Tests.Harness;

internal delegate ValueTask Handling(FastCgiRequest request, FastCgiResponse response);

/// <summary>Routes every request to one piece of code.</summary>
internal sealed class Site : IRequestRouter, IRequestHandler
{
    private readonly Handling _handle;
    private readonly bool _mayBlock;

    public Site(Handling handle, bool mayBlock = false)
    {
        _handle = handle;
        _mayBlock = mayBlock;
    }

    /// <summary>The roles it plays.</summary>
    public Role[] Roles { get; init; } = [Role.Responder];

    /// <summary>How many requests have come as far as the router.</summary>
    public int Resolved { get; private set; }

    /// <summary>Says which path was asked for.</summary>
    public static ValueTask SayPath(FastCgiRequest request, FastCgiResponse response)
    {
        response.Body.Write(request.Path);
        return default;
    }

    /// <summary>Answers everything, /held not before the task has ended.</summary>
    public static Handling HeldAt(TaskCompletionSource hold) => async (request, response) =>
    {
        if (request.Path.SequenceEqual("/held"u8))
            await hold.Task;
        await SayPath(request, response);
    };

    /// <summary>Reads the body to its end and gives it back.</summary>
    public static async ValueTask Echo(FastCgiRequest request, FastCgiResponse response)
    {
        byte[] body = await ReadAllAsync(request);
        response.Body.Write(body);
    }

    public static async Task<byte[]> ReadAllAsync(FastCgiRequest request)
    {
        var all = new ArrayBufferWriter<byte>();
        while (true)
        {
            System.IO.Pipelines.ReadResult read = await request.Body.ReadAsync().ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
                all.Write(part.Span);
            request.Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return all.WrittenSpan.ToArray();
        }
    }

    /// <summary>Does nothing until the token is cancelled, and throws then.</summary>
    public static async Task Forever(CancellationToken until)
    {
        var never = new TaskCompletionSource();
        using (until.Register(() => never.TrySetCanceled(until)))
            await never.Task.ConfigureAwait(false);
    }

    public bool Plays(Role role) => Array.IndexOf(Roles, role) >= 0;

    public Route Resolve(FastCgiRequest request)
    {
        Resolved++;
        return new Route(this, _mayBlock);
    }

    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response) => _handle(request, response);

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
