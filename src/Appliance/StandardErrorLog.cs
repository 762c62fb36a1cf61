using System;
using System.Globalization;
using System.Text;
using FastCgi;

namespace Appliance;

/// <summary>This program's own log: a line per event on standard error, where lighttpd or init picks it up.</summary>
/// <remarks><code>2026-11-20T05:36:02Z warning: connection closed: record version 71, expected 1</code></remarks>
internal sealed class StandardErrorLog(ServerLogLevel least) : IServerLog
{
    public bool IsEnabled(ServerLogLevel level) => level >= least;

    public void Write(ServerLogLevel level, string message)
    {
        if (IsEnabled(level))
            StandardStreams.WriteLine(StandardStreams.Error, Line(DateTime.UtcNow, level, message));
    }

    internal static string Line(DateTime now, ServerLogLevel level, string message)
    {
        var line = new StringBuilder(message.Length + 32);
        line.Append(now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)).Append(' ').Append(NameOf(level)).Append(": ");
        foreach (char c in message)
        {
            // What peers send is quoted in messages; it must not start a line of its own or move a terminal's cursor.
            if (char.IsControl(c))
                line.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                line.Append(c);
        }
        return line.ToString();
    }

    private static string NameOf(ServerLogLevel level) => level switch
    {
        ServerLogLevel.Debug => "debug",
        ServerLogLevel.Information => "information",
        ServerLogLevel.Warning => "warning",
        _ => "error",
    };
}
