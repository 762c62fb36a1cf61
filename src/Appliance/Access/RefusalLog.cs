using System;
using System.Collections.Generic;
using System.Globalization;
using FastCgi;

namespace Appliance.Access;

/// <summary>Refusals in the log: of each status at most one line a minute, so that nobody fills it from outside.</summary>
/// <remarks>
/// For the thread that serves all connections. Wrong passwords are not seen here: lighttpd logs them, each with user and address.
/// </remarks>
/// <param name="log">Where lines go.</param>
/// <param name="clock">Milliseconds since whenever.</param>
internal sealed class RefusalLog(IServerLog log, Func<long> clock)
{
    private const long Minute = 60_000;

    private readonly Dictionary<int, Window> _windows = [];

    /// <summary>Writes who was refused what, and how many were since the last line; or counts it for the next one.</summary>
    public void Note(FastCgiRequest request, Refusal refusal)
    {
        if (!log.IsEnabled(ServerLogLevel.Warning))
            return;
        long now = clock();
        if (!_windows.TryGetValue(refusal.Status, out Window? window))
            _windows.Add(refusal.Status, window = new Window());
        if (now < window.Until)
        {
            window.Unsaid++;
            return;
        }
        ReadOnlySpan<byte> address = request.Parameters["REMOTE_ADDR"u8];
        string client = address.IsEmpty ? "somebody" : Excerpt.Of(address);
        string unsaid = window.Unsaid > 0 ? $" (and {window.Unsaid} times unsaid before)" : "";
        log.Write(ServerLogLevel.Warning, string.Create(
            CultureInfo.InvariantCulture,
            $"{refusal.Status} to {client} for {Excerpt.Of(request.Path)}: {refusal.Detail}{unsaid}"));
        window.Until = now + Minute;
        window.Unsaid = 0;
    }

    /// <summary>The minute after a line of one status.</summary>
    private sealed class Window
    {
        public long Until { get; set; } = long.MinValue;

        public int Unsaid { get; set; }
    }
}
