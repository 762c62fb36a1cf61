using System;
using System.Globalization;
using System.Text;
using FastCgi;

namespace Appliance;

/// <summary>This program's own log: a line per event on standard error, where lighttpd or init picks it up.</summary>
/// <remarks><code>2026-11-20T05:36:02Z warning: connection closed: record version 71, expected 1</code></remarks>
internal sealed class StandardErrorLog(ServerLogLevel least) : IServerLog
{
    private volatile ServerLogLevel _least = least;

    /// <summary>The least level that is written. May be set at any time.</summary>
    public ServerLogLevel Least
    {
        set => _least = value;
    }

    public bool IsEnabled(ServerLogLevel level) => level >= _least;

    public void Write(ServerLogLevel level, string message)
    {
        if (IsEnabled(level))
            LogStream.StandardError.Write(Encoding.UTF8.GetBytes($"{Line(DateTime.UtcNow, level, message)}\n"));
    }

    internal static string Line(DateTime now, ServerLogLevel level, string message) => string.Create(
        CultureInfo.InvariantCulture,
        $"{now:yyyy-MM-dd'T'HH:mm:ss'Z'} {NameOf(level)}: {StandardStreams.Visible(message)}");

    private static string NameOf(ServerLogLevel level) => level switch
    {
        ServerLogLevel.Debug => "debug",
        ServerLogLevel.Information => "information",
        ServerLogLevel.Warning => "warning",
        _ => "error",
    };
}
