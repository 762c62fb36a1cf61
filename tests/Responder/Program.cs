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
        MaxBodyBytes = long.TryParse(Environment.GetEnvironmentVariable("RESPONDER_BODYBYTES"), out long bytes) ? bytes : 256L << 20,
    };
    using ListenSocket listen = ListenSocket.Inherit();
    using var server = new FastCgiServer(new TestRoutes(), limits, log);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

    log.Write(ServerLogLevel.Information, $"serving on {listen.Description}");
    server.Run(listen);
    log.Write(ServerLogLevel.Information, "stopped");
    return 0;

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
