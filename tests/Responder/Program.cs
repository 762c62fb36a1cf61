using System;
using System.IO;
using System.Runtime.InteropServices;
using Appliance;
using FastCgi;
using Responder;

// As src/Appliance/Program.cs: what is tested is the engine the way the appliance runs it.
try
{
    var log = new StandardErrorLog(ServerLogLevel.Information);
    var limits = new ServerLimits
    {
        MaxBodyBytes = Setting("RESPONDER_BODYBYTES", 256 << 20),
        MaxBlockingHandlers = Setting("RESPONDER_BLOCKINGHANDLERS", 4),
        MaxQueuedRequests = Setting("RESPONDER_QUEUEDREQUESTS", 64),
    };
    var routes = new TestRoutes(Environment.GetEnvironmentVariable("RESPONDER_FILES") ?? "");
    if (Launch.Detect() == LaunchMode.Cgi)
        return CgiProgram.Run(routes, limits, log);

    using ListenSocket listen = ListenSocket.Inherit();
    using var server = new FastCgiServer(routes, limits, log);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

    log.Write(ServerLogLevel.Information, $"serving on {listen.Description}");
    server.Run(listen);
    log.Write(ServerLogLevel.Information, "stopped");
    return 0;

    static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        server.Stop();
    }
}
catch (IOException e)
{
    StandardStreams.WriteLine(StandardStreams.Error, $"responder: {e.Message}");
    return 2;
}
