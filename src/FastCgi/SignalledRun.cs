using System;
using System.IO;
using System.Runtime.InteropServices;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>A server as the whole of a program: signals tell it what to do.</summary>
public static class SignalledRun
{
    private const int Interrupt = 2; // SIGINT
    private const int User1 = 10; // SIGUSR1 on x86-64, arm and arm64; PosixSignal has no name for it
    private const int Terminate = 15; // SIGTERM

    /// <summary>Serves until a signal stops it: see <see cref="FastCgiServer.Run"/>. Logs its start and its end.</summary>
    /// <remarks>
    /// A server that is to be replaced (<see cref="ServerLimits.RecycleAfterRequests"/>) and has inherited its socket is followed by the same
    /// program in the same process, without a request lost; what is left then, such as what <c>using</c> would do, is not done. One that has
    /// made its socket ends as if it had been stopped: whoever watches over the program starts it again.
    /// SIGTERM, SIGINT and SIGUSR1 (FastCGI 1.0 libraries and lighttpd's graceful stop use it) let requests in flight finish; a second one,
    /// of whichever kind, cuts them off.
    /// </remarks>
    /// <param name="server">The server.</param>
    /// <param name="listen">Its socket.</param>
    /// <param name="log">Where the two lines go.</param>
    /// <param name="reload">What SIGHUP does, on a thread of the system's; left out, SIGHUP ends the program as it usually does.</param>
    public static void RunUntilSignalled(this FastCgiServer server, ListenSocket listen, IServerLog log, Action? reload = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(listen);
        ArgumentNullException.ThrowIfNull(log);
        using PosixSignalRegistration terminate = On(PosixSignal.SIGTERM, server.Stop);
        using PosixSignalRegistration interrupt = On(PosixSignal.SIGINT, server.Stop);
        using PosixSignalRegistration user = On((PosixSignal)User1, server.Stop);
        using PosixSignalRegistration? hangUp = reload is null ? null : On(PosixSignal.SIGHUP, reload);

        foreach (int signal in (int[])[Interrupt, User1, Terminate])
            LibC.HeedSignal(signal); // one may have come while the last program started this one

        log.Write(ServerLogLevel.Information, $"serving on {listen.Description}");
        bool wornOut = server.RunUntilReplaced(listen, handsOver: listen.InheritedOn is not null);
        if (wornOut && listen.InheritedOn is not null)
            StartAnew(server, listen, log);
        log.Write(ServerLogLevel.Information, "stopped");
    }

    /// <summary>
    /// Exiting would do where a supervisor starts the program again, but not well: the socket's queue would be lost with it, and lighttpd 1.4.69,
    /// which keeps no descriptor of it either, answers 503 for one to three seconds.
    /// </summary>
    private static void StartAnew(FastCgiServer server, ListenSocket listen, IServerLog log)
    {
        try
        {
            listen.StartProgramAnew(server.KeptConnections, unless: () =>
            {
                foreach (int signal in (int[])[Interrupt, User1, Terminate])
                    LibC.HoldSignal(signal);
                return server.IsStopped;
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write(ServerLogLevel.Error, $"stopping instead of starting anew: {e.Message}");
            server.Stop();
        }
        server.Run(listen); // until it has stopped: those who wait in the queue have nobody else
    }

    private static PosixSignalRegistration On(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true; // or the default action follows: the end
        action();
    });
}
