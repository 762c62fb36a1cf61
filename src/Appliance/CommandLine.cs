using System;

namespace Appliance;

/// <summary>What the program was asked to do.</summary>
internal sealed record CommandLine
{
    public const string Usage =
        """
        appliance: status, configuration and logs of a device, over FastCGI
        usage: appliance [--settings FILE] [--listen unix:PATH] [--check] [--version] [--help]
          --settings FILE      JSON settings; an environment variable such as APPLIANCE_LOG_LEVEL overrides Log:Level
          --listen unix:PATH   make a Unix socket; without it, a web server hands over a listening socket on descriptor 0
          --check              say whether the settings are good, and end
          --version            print the version, and end
          --help               print this, and end
        ends with 0 when stopped by SIGTERM or SIGINT, with 2 when the command line, the settings or the socket cannot be used
        """;

    public string? SettingsFile { get; init; }

    public string? ListenPath { get; init; }

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
                "--listen" => line with { ListenPath = UnixPath(Value(arguments, ref i)) },
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

    private static string UnixPath(string address) => address.StartsWith("unix:", StringComparison.Ordinal) && address.Length > "unix:".Length
        ? address["unix:".Length..]
        : throw new FormatException($"cannot listen on \"{StandardStreams.Visible(address)}\": expected unix:PATH");
}
