using System;
using System.IO;
using System.Threading.Tasks;
using Appliance.Settings;
using FastCgi;

namespace Appliance.Tests;

/// <summary>The route table behind a real server on a Unix socket.</summary>
internal sealed class ServedRoutes : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-routes-").FullName;
    private readonly ListenSocket _listen;
    private readonly FastCgiServer _server;
    private readonly Task _running;

    public ServedRoutes(ApplianceSettings settings)
    {
        string path = Path.Combine(_folder, "socket");
        _listen = ListenSocket.BindUnix(path, settings.SocketMode, settings.Limits.Backlog);
        _server = new FastCgiServer(new Routes(settings), settings.Limits);
        _running = Task.Factory.StartNew(() => _server.Run(_listen), TaskCreationOptions.LongRunning);
        SocketPath = path;
    }

    public string SocketPath { get; }

    public Task<FrontAnswer> AskAsync(string method, string path, string? accept = null)
    {
        (string, string)[] usual = [("REQUEST_METHOD", method), ("SCRIPT_NAME", path), ("SERVER_PROTOCOL", "HTTP/1.1")];
        return FrontConnection.AskAsync(SocketPath, accept is null ? usual : [.. usual, ("HTTP_ACCEPT", accept)]);
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
