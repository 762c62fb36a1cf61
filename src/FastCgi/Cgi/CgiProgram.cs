using System;
using System.Threading.Tasks;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>Serves as a CGI program (RFC 3875): one request from environment and standard input, its answer on standard output.</summary>
/// <remarks>
/// To the engine it is a connection with one request on it, so handlers, rules and limits are the same. A request's path is
/// PATH_INFO: the part before it, SCRIPT_NAME, is where the web server has put this program.
/// </remarks>
public static class CgiProgram
{
    private const int SweepMilliseconds = 1000; // timeouts are seconds

    /// <summary>
    /// Whether a web server may have made this program's arguments from the client's query, as it may if that has no "=" (RFC
    /// 3875 §4.4). Then a program that has arguments must not heed them.
    /// </summary>
    public static bool MayHaveArgumentsOfClient => Environment.GetEnvironmentVariable("QUERY_STRING") is { Length: > 0 } query && !query.Contains('=');

    /// <summary>Answers the request on the calling thread, which must not be the pool's.</summary>
    /// <param name="router">Picks the handler.</param>
    /// <param name="limits">The bounds; their defaults when left out.</param>
    /// <param name="log">Where events are reported; nowhere when left out.</param>
    /// <returns>The exit code: 0 when it is answered, or nobody waits for the answer any more; 1 when the answer had to be cut short.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A bound that cannot be kept.</exception>
    public static int Run(IRequestRouter router, ServerLimits? limits = null, IServerLog? log = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        limits = (limits ?? new ServerLimits()).Checked();
        LibC.FillStandardDescriptors();
        LibC.IgnoreBrokenPipes();
        var request = CgiRequest.FromEnvironment();
        Environment.SetEnvironmentVariable("HTTP_PROXY", null); // the client's Proxy field, which no child may take for a setting ("httpoxy")
        using var loop = new EventLoop();
        return Run(loop, new CgiTransport(loop, request, input: 0, output: 1, error: 2), router, limits, log ?? new NoLog());
    }

    internal static int Run(EventLoop loop, CgiTransport transport, IRequestRouter router, ServerLimits limits, IServerLog log)
    {
        var connection = new FastCgiConnection(transport, new RequestDispatcher(router, limits, log)) { IsCgi = true };
        transport.Open();
        Task serving = ServeAsync(connection, loop);
        long giveUpAt = long.MaxValue; // a handler that does not heed its cancellation must not keep this process for ever
        for (long now = Environment.TickCount64; !serving.IsCompleted && now < giveUpAt; now = Environment.TickCount64)
        {
            loop.Turn(SweepMilliseconds);
            connection.Sweep(Environment.TickCount64);
            if (transport.IsBroken && giveUpAt == long.MaxValue)
                giveUpAt = Environment.TickCount64 + (long)limits.LingerTimeout.TotalMilliseconds;
        }
        return transport.WasAnswered || transport.PeerWasGone ? 0 : 1;
    }

    /// <summary>The connection may end on a thread of the pool, while the loop waits.</summary>
    private static async Task ServeAsync(FastCgiConnection connection, EventLoop loop)
    {
        await connection.ServeAsync().ConfigureAwait(false);
        loop.Wake();
    }
}
