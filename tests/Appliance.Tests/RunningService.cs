using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Appliance.Settings;
using FastCgi;

namespace Appliance.Tests;

/// <summary>The whole program but its start: served on a Unix socket in a folder of its own, with a settings file that may change.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-service-").FullName;
    private readonly ListenSocket _listen;
    private readonly Task _running;

    /// <param name="settings">The text of the settings file, with $ for the folder.</param>
    public RunningService(string settings = "{}")
    {
        Settings = settings;
        ApplianceSettings loaded = Load();
        _listen = ListenSocket.BindUnix(At("socket"), loaded.SocketMode, loaded.Limits.Backlog);
        Service = new Appliance.Service(loaded, new StandardErrorLog(ServerLogLevel.Error + 1), Load);
        _running = Task.Factory.StartNew(() => Service.Server.Run(_listen), TaskCreationOptions.LongRunning);
    }

    public Service Service { get; }

    /// <summary>What stands in the settings file; in use after <see cref="Reload"/>.</summary>
    public string Settings
    {
        set => File.WriteAllText(At("appliance.json"), value.Replace("$", _folder, StringComparison.Ordinal));
    }

    /// <summary>What SIGHUP does, until the next connection is sure to follow the settings in use.</summary>
    public void Reload()
    {
        Service.Reload();
        Xunit.Assert.True(SpinWait.SpinUntil(() => ReferenceEquals(Service.Server.Limits, Service.Settings.Limits), Deadline));
    }

    public string At(string name) => Path.Combine(_folder, name);

    /// <summary>Asks with the variables given, besides a GET of /api/health where they do not say otherwise.</summary>
    public Task<FrontAnswer> AskAsync(params (string Name, string Value)[] variables) =>
        FrontConnection.AskAsync(At("socket"), [("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/health"), ("HTTP_HOST", "192.168.1.1"), .. variables]);

    /// <summary>A file's lines, once there are so many; a line is written after its answer.</summary>
    public string[] Lines(string file, int count)
    {
        string[] lines = [];
        if (!SpinWait.SpinUntil(() => File.Exists(At(file)) && (lines = File.ReadAllLines(At(file))).Length >= count, Deadline))
            Xunit.Assert.Fail($"{lines.Length} lines in {file}, not {count}");
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        Service.Server.Stop();
        await _running;
        Service.Dispose();
        _listen.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ApplianceSettings Load() => SettingsLoader.Load(
        At("appliance.json"), new System.Collections.Hashtable { ["APPLIANCE_ACCESS_USERS_admin"] = "admin" });
}
