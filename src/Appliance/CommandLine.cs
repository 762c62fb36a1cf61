using System;
using FastCgi;

namespace Appliance;

/// <summary>What the program was asked to do.</summary>
internal sealed record CommandLine
{
    public const string Usage =
        """
        appliance: status, configuration and logs of a device, over FastCGI or CGI
        usage: appliance [--settings FILE] [--listen unix:PATH | --listen tcp:ADDRESS:PORT] [--check] [--version] [--help]
          --settings FILE      JSON settings; an environment variable such as APPLIANCE_LOG_LEVEL overrides Log:Level
          --listen unix:PATH   make a Unix socket
          --listen tcp:ADDRESS:PORT
                               listen on 127.0.0.1:9000, [::1]:9000 …; on port 0, one that is free. Only web servers on this device
                               may connect, or those that FCGI_WEB_SERVER_ADDRS names, addresses with commas between
          --check              say whether the settings are good, and end
          --version            print the version, and end
          --help               print this, and end
        without --listen, whoever starts it says how it is to serve: a listening socket on descriptor 0, as of lighttpd or
        spawn-fcgi, or one by LISTEN_FDS, as of systemd, is FastCGI; else GATEWAY_INTERFACE in the environment is CGI
        SIGHUP reads the settings again
        ends with 0 when stopped by SIGTERM, SIGINT or SIGUSR1, or its one CGI request is answered; with 1 when that answer had to be cut
        short; with 2 when the command line, the settings or the socket cannot be used
        """;

    public string? SettingsFile { get; init; }

    /// <summary>The path after <c>unix:</c>.</summary>
    public string? ListenPath { get; init; }

    /// <summary>The address after <c>tcp:</c>.</summary>
    public TcpAddress? ListenTcp { get; init; }

    public bool Listens => ListenPath is not null || ListenTcp is not null;

    public bool Check { get; init; }

    public bool Version { get; init; }

    public bool Help { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">One of them is not known, or its value is missing; the message names it.</exception>
    public static CommandLine Parse(ReadOnlySpan<string> arguments)
    {
        var line = new CommandLine();
        for (int i = 0; i < arguments.Length; i++)
        {
            line = arguments[i] switch
            {
                "--settings" => line with { SettingsFile = Value(arguments, ref i) },
                "--listen" => Listen(line, Value(arguments, ref i)),
                "--check" => line with { Check = true },
                "--version" => line with { Version = true },
                "--help" => line with { Help = true },
                _ => throw new FormatException($"unknown argument \"{StandardStreams.Visible(arguments[i])}\""),
            };
        }
        return line;
    }

    /// <summary>What follows an option; another option there means that the value was forgotten.</summary>
    private static string Value(ReadOnlySpan<string> arguments, ref int at) =>
        ++at < arguments.Length && arguments[at].Length > 0 && !arguments[at].StartsWith("--", StringComparison.Ordinal)
            ? arguments[at]
            : throw new FormatException($"{arguments[at - 1]} needs a value");

    private static CommandLine Listen(CommandLine line, string address)
    {
        if (line.ListenPath is not null || line.ListenTcp is not null)
            throw new FormatException("--listen comes twice: one socket is served");
        if (address.StartsWith("unix:", StringComparison.Ordinal) && address.Length > "unix:".Length)
            return line with { ListenPath = address["unix:".Length..] };
        if (address.StartsWith("tcp:", StringComparison.Ordinal) && TcpAddress.TryParse(address["tcp:".Length..], out TcpAddress tcp))
            return line with { ListenTcp = tcp };
        throw new FormatException(
            $"cannot listen on \"{StandardStreams.Visible(address)}\": expected unix:PATH, or tcp:ADDRESS:PORT such as tcp:127.0.0.1:9000 or tcp:[::1]:9000");
    }
}
