using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using Appliance;
using Appliance.Settings;
using FastCgi;

const int Unusable = 2;
try
{
    LaunchMode launch = Launch.Detect();
    if (launch == LaunchMode.Cgi && args.Length > 0 && CgiProgram.MayHaveArgumentsOfClient)
        return CgiProgram.Run(new AmbiguousArguments());

    CommandLine line = CommandLine.Parse(args);
    if (line.Help || line.Version)
    {
        string version = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);
        StandardStreams.WriteLine(StandardStreams.Output, line.Help ? CommandLine.Usage : $"appliance {version}");
        return 0;
    }

    ApplianceSettings settings = SettingsLoader.Load(line.SettingsFile, Environment.GetEnvironmentVariables());
    if (line.Check)
    {
        StandardStreams.WriteLine(StandardStreams.Output, "the settings are good");
        return 0;
    }

    var log = new StandardErrorLog(settings.LogLevel);
    var routes = new Routes(settings, log);
    if (launch == LaunchMode.Cgi && !line.Listens)
        return CgiProgram.Run(routes, settings.Limits, log);

    using ListenSocket listen = Listen(line, settings);
    using var server = new FastCgiServer(routes, settings.Limits, log);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

    log.Write(ServerLogLevel.Information, $"serving on {listen.Description}");
    server.Run(listen);
    log.Write(ServerLogLevel.Information, "stopped");
    return 0;

    ListenSocket Listen(CommandLine line, ApplianceSettings settings) => line switch
    {
        { ListenPath: string path } => ListenSocket.BindUnix(path, settings.SocketMode, settings.Limits.Backlog),
        { ListenTcp: TcpAddress address } => ListenSocket.BindTcp(address, settings.Limits.Backlog),
        _ when launch == LaunchMode.FastCgi => ListenSocket.Inherit(),
        _ => throw new FormatException("nobody has left a listening socket on descriptor 0 or a CGI request; --listen makes a socket"),
    };

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        server.Stop();
    }
}
catch (FormatException e)
{
    StandardStreams.WriteLine(StandardStreams.Error, $"appliance: {e.Message}\n\n{CommandLine.Usage}");
    return Unusable;
}
catch (Exception e) when (e is SettingsException or IOException)
{
    StandardStreams.WriteLine(StandardStreams.Error, $"appliance: {e.Message}");
    return Unusable;
}
