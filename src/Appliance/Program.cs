using System;
using System.IO;
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
        StandardStreams.WriteLine(StandardStreams.Output, line.Help ? CommandLine.Usage : $"appliance {ProgramVersion.Text}");
        return 0;
    }

    ApplianceSettings settings = Load();
    if (line.Check)
    {
        StandardStreams.WriteLine(StandardStreams.Output, "the settings are good");
        return 0;
    }

    var log = new StandardErrorLog(settings.LogLevel);
    if (launch == LaunchMode.Cgi && !line.Listens)
        return CgiProgram.Run(new Routes(settings, log), settings.Limits, log);

    using ListenSocket listen = Listen(line, settings);
    using var service = new Service(settings, log, Load);
    service.Run(listen);
    return 0;

    ApplianceSettings Load() => SettingsLoader.Load(line.SettingsFile, Environment.GetEnvironmentVariables());

    ListenSocket Listen(CommandLine line, ApplianceSettings settings) => line switch
    {
        { ListenPath: string path } => ListenSocket.BindUnix(path, settings.SocketMode, settings.Limits.Backlog),
        { ListenTcp: TcpAddress address } => ListenSocket.BindTcp(address, settings.Limits.Backlog),
        _ when launch == LaunchMode.FastCgi => ListenSocket.Inherit(),
        _ => throw new FormatException("nobody has left a listening socket on descriptor 0 or a CGI request; --listen makes a socket"),
    };
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
