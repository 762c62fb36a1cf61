using System;
using System.IO;
using System.Threading;
using Appliance.AccessLog;
using Appliance.Settings;
using FastCgi;

namespace Appliance;

/// <summary>The running program: a server and what it was given, both made from settings that can be read again.</summary>
internal sealed class Service : IDisposable
{
    private readonly Func<ApplianceSettings> _load;
    private readonly StandardErrorLog _log;
    private readonly Lock _gate = new();
    private AccessLogWriter? _accessLog;
    private Routes _routes;

    /// <summary>Makes the server; nothing is served before <see cref="Run"/>.</summary>
    /// <param name="settings">The settings to begin with.</param>
    /// <param name="log">The program's log.</param>
    /// <param name="load">Reads the settings again.</param>
    /// <exception cref="IOException">The access log cannot be opened.</exception>
    public Service(ApplianceSettings settings, StandardErrorLog log, Func<ApplianceSettings> load)
    {
        _load = load;
        _log = log;
        Settings = settings;
        ReopenAccessLog(settings);
        _routes = RoutesFor(settings);
        Server = new FastCgiServer(_routes, settings.Limits, log, _accessLog);
    }

    public FastCgiServer Server { get; }

    /// <summary>The settings in use.</summary>
    public ApplianceSettings Settings { get; private set; }

    /// <summary>Serves until a signal stops it; SIGHUP is <see cref="Reload"/>.</summary>
    public void Run(ListenSocket listen) => Server.RunUntilSignalled(listen, _log, Reload);

    /// <summary>
    /// Reads the settings again. Requests and connections that begin from now on follow them; with settings that cannot be used
    /// everything stays as it was, and a line says why.
    /// </summary>
    public void Reload()
    {
        try
        {
            lock (_gate) // two signals may come at once, each on a thread of its own
                Use(_load());
        }
        catch (Exception e) when (e is SettingsException or IOException)
        {
            _log.Write(ServerLogLevel.Error, $"settings not read again, the old ones stay: {e.Message}");
        }
    }

    public void Dispose()
    {
        Server.Dispose();
        _routes.Dispose();
        _accessLog?.Dispose();
    }

    private void Use(ApplianceSettings settings)
    {
        ReopenAccessLog(settings); // first, since it may fail
        Routes before = _routes;
        _routes = RoutesFor(settings);
        Server.Change(_routes, settings.Limits, _accessLog);
        before.Dispose();
        _log.Least = settings.LogLevel;
        bool othersSocket = settings.SocketMode != Settings.SocketMode || settings.Limits.Backlog != Settings.Limits.Backlog;
        Settings = settings;
        _log.Write(ServerLogLevel.Information, othersSocket
            ? "settings read again; Socket:Mode and Socket:Backlog are those of the start until the next one"
            : "settings read again");
    }

    private void ReopenAccessLog(ApplianceSettings settings)
    {
        if (settings.AccessLogTo is not string destination)
        {
            _accessLog = null; // its file is left to the finalizer: a handler may be writing its last line
            return;
        }
        AccessLogFormat format = AccessLogFormat.Parse(settings.AccessFormat);
        if (_accessLog is null)
            _accessLog = new AccessLogWriter(destination, format);
        else
            _accessLog.Reopen(destination, format);
    }

    private Routes RoutesFor(ApplianceSettings settings) => new(settings, _log, () => Server);
}
