using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Appliance.Access;
using Appliance.Settings;
using FastCgi;

namespace Appliance.Tests;

/// <summary>A route table behind a real server on a Unix socket.</summary>
internal sealed class ServedRoutes : IAsyncDisposable
{
    private const string Admin = "admin";

    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-routes-").FullName;
    private readonly ListenSocket _listen;
    private readonly FastCgiServer _server;
    private readonly Task _running;

    /// <summary>THE table, for a user called admin, who may do everything, besides those of the settings.</summary>
    public ServedRoutes(ApplianceSettings settings)
        : this(settings, new Routes(settings with { Users = settings.Users.With(Admin, UserRole.Admin) }))
    {
    }

    public ServedRoutes(ApplianceSettings settings, Routes routes)
    {
        string path = Path.Combine(_folder, "socket");
        _listen = ListenSocket.BindUnix(path, settings.SocketMode, settings.Limits.Backlog);
        _server = new FastCgiServer(routes, settings.Limits);
        _running = Task.Factory.StartNew(() => _server.Run(_listen), TaskCreationOptions.LongRunning);
        SocketPath = path;
    }

    public string SocketPath { get; }

    /// <summary>What admin gets.</summary>
    public Task<FrontAnswer> AskAsync(string method, string path, string? accept = null, string query = "")
    {
        (string, string)[] more = [("QUERY_STRING", query)];
        return AskAsAsync(Admin, method, path, accept is null ? more : [.. more, ("HTTP_ACCEPT", accept)]);
    }

    /// <summary>What a user gets whom the front has authenticated, with more variables; null for nobody.</summary>
    public Task<FrontAnswer> AskAsAsync(string? user, string method, string path, params (string Name, string Value)[] more)
    {
        List<(string Name, string)> usual = [("REQUEST_METHOD", method), ("SCRIPT_NAME", path), ("SERVER_PROTOCOL", "HTTP/1.1")];
        if (user is not null)
            usual.AddRange([("REMOTE_USER", user), ("AUTH_TYPE", "Basic")]);
        if (!Array.Exists(more, variable => variable.Name == "HTTP_HOST"))
            usual.Add(("HTTP_HOST", "192.168.1.1"));
        return FrontConnection.AskAsync(SocketPath, [.. usual, .. more]);
    }

    public async ValueTask DisposeAsync()
    {
        _server.Stop();
        await _running;
        _server.Dispose();
        _listen.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
