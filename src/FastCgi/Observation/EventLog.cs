using System;
using System.Collections.Generic;
using System.Threading;

namespace FastCgi;

/// <summary>What an event is about: of each kind one line a minute is written.</summary>
internal enum EventKind
{
    /// <summary>A front broke the protocol.</summary>
    ProtocolError,

    /// <summary>A connection could not be served, through no fault of the front.</summary>
    ConnectionFailed,

    /// <summary>accept(2) failed.</summary>
    AcceptFailed,

    /// <summary>A front connected that may not.</summary>
    FrontTurnedAway,

    /// <summary>The router threw.</summary>
    RouterFailed,

    /// <summary>A handler threw; each type of handler is a kind of its own.</summary>
    HandlerFailed,

    /// <summary>An error could not be answered.</summary>
    AnswerFailed,

    /// <summary>A request took longer than the threshold; each type of handler is a kind of its own.</summary>
    SlowRequest,

    /// <summary>The request log threw.</summary>
    RequestLogFailed,
}

/// <summary>
/// The engine's way to the log: whatever clients and fronts do, at most one short line a minute of each kind. What comes in
/// between is counted; when the minute is over the last of it is written with the count.
/// </summary>
/// <remarks>From any thread. The debug level, which somebody has asked for to see every request, is not bounded.</remarks>
internal sealed class EventLog
{
    private const long Minute = 60_000;
    private const int MaxLength = 1000; // arbitrary: room for two excerpts and a reason; a line must not grow with what a client sends
    private const int MaxKinds = 64; // arbitrary: the kinds and as many types of handlers as a program has; more share a line

    private readonly IServerLog _log;
    private readonly Func<long> _clock;
    private readonly Dictionary<(EventKind Kind, Type? Source), Window> _windows = [];
    private readonly Lock _gate = new();
    private volatile int _heldBack;

    public EventLog(IServerLog log)
        : this(log, static () => Environment.TickCount64)
    {
    }

    /// <param name="log">Where lines go.</param>
    /// <param name="clock">Milliseconds since whenever.</param>
    public EventLog(IServerLog log, Func<long> clock)
    {
        _log = log;
        _clock = clock;
    }

    /// <summary>Whether something waits for its minute to be over: then <see cref="Sweep"/> is to be called.</summary>
    public bool HoldsBack => _heldBack > 0;

    /// <summary>Whether lines of this level are kept.</summary>
    public bool IsEnabled(ServerLogLevel level)
    {
        try
        {
            return _log.IsEnabled(level);
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>Something that happens once, or that somebody who looks for a fault wants to see: always written.</summary>
    /// <remarks>A log that throws loses the line, and nothing else: no request may hang for it, and there is nowhere to say it.</remarks>
    public void Write(ServerLogLevel level, string message)
    {
        try
        {
            _log.Write(level, message);
        }
        catch (Exception)
        {
            // See above.
        }
    }

    /// <summary>Something that clients or fronts can make happen as often as they like.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="level">How much it matters.</param>
    /// <param name="message">The line.</param>
    /// <param name="source">A type that tells events of one kind apart.</param>
    public void Report(EventKind kind, ServerLogLevel level, string message, Type? source = null)
    {
        if (!IsEnabled(level))
            return;
        if (message.Length > MaxLength)
            message = $"{message[..MaxLength]}…";
        long now = _clock();
        lock (_gate)
        {
            Window window = WindowOf(kind, source);
            if (now >= window.Until)
                WriteHeldBack(window);
            if (now < window.Until)
            {
                _heldBack += window.Count++ == 0 ? 1 : 0;
                window.Level = level;
                window.Last = message;
                return;
            }
            window.Until = now + Minute;
        }
        Write(level, message);
    }

    /// <summary>This program failed: what and why in a line; where in the code only on the debug level.</summary>
    public void ReportFailure(EventKind kind, string what, Exception reason, Type? source = null)
    {
        Report(kind, ServerLogLevel.Error, $"{what}: {reason.GetType().Name}: {reason.Message}", source);
        if (IsEnabled(ServerLogLevel.Debug))
            Write(ServerLogLevel.Debug, $"{reason}");
    }

    /// <summary>Writes what was held back for a minute, or all of it.</summary>
    public void Sweep(bool all = false)
    {
        if (!HoldsBack)
            return;
        long now = _clock();
        lock (_gate)
        {
            foreach (Window window in _windows.Values)
            {
                if (all || now >= window.Until)
                    WriteHeldBack(window);
            }
        }
    }

    private Window WindowOf(EventKind kind, Type? source)
    {
        if (source is not null && _windows.Count >= MaxKinds && !_windows.ContainsKey((kind, source)))
            source = null;
        if (!_windows.TryGetValue((kind, source), out Window? window))
            _windows.Add((kind, source), window = new Window());
        return window;
    }

    private void WriteHeldBack(Window window)
    {
        if (window.Count == 0)
            return;
        Write(window.Level, window.Count == 1 ? window.Last : $"{window.Last} (and {window.Count - 1} more like it within a minute)");
        _heldBack--;
        window.Count = 0;
        window.Last = "";
        window.Until = _clock() + Minute;
    }

    /// <summary>The minute after a line of one kind.</summary>
    private sealed class Window
    {
        public long Until { get; set; } = long.MinValue;

        public int Count { get; set; }

        public ServerLogLevel Level { get; set; }

        public string Last { get; set; } = "";
    }
}
