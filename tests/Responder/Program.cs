using System;
using System.IO;
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
        RecycleAfterRequests = Setting("RESPONDER_RECYCLEAFTER", 0),
    };
    var routes = new TestRoutes(authorizes: Setting("RESPONDER_AUTHORIZES", 1) != 0);
    if (Launch.Detect() == LaunchMode.Cgi)
        return CgiProgram.Run(routes, limits, log);

    using ListenSocket listen = ListenSocket.Inherit();
    using var server = new FastCgiServer(routes, limits, log);
    server.RunUntilSignalled(listen, log);
    return 0;

    static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;
}
catch (IOException e)
{
    StandardStreams.WriteLine(StandardStreams.Error, $"responder: {e.Message}");
    return 2;
}
