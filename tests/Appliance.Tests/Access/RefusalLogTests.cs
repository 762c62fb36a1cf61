using System.Collections.Generic;
using System.Threading.Tasks;
using Appliance.Access;
using Appliance.Settings;
using FastCgi;
using Xunit;

namespace Appliance.Tests.Access;

public sealed class RefusalLogTests
{
    private static readonly ApplianceSettings Settings = new() { Users = UserRoles.None.With("vera", UserRole.Viewer) };

    private readonly Lines _lines = new();
    private long _now = 1_000_000;

    [Fact]
    public async Task OfEachStatusOneLineAMinuteIsWrittenAndSaysHowManyItStandsFor()
    {
        await using ServedRoutes routes = Serve();
        for (int i = 0; i < 5; i++)
        {
            await AskAsync(routes, null);
            await AskAsync(routes, "stranger");
        }
        _now += 59_999;
        await AskAsync(routes, null);
        Assert.Equal(
            [
                "warning: 401 to 10.1.2.3 for /api/all: this needs a login",
                "warning: 403 to 10.1.2.3 for /api/all: user \"stranger\" has no role in the settings (Access:Users)",
            ],
            _lines.Taken());

        _now += 1;
        await AskAsync(routes, null);
        await AskAsync(routes, "vera");
        Assert.Equal(
            [
                "warning: 401 to 10.1.2.3 for /api/all: this needs a login (and 5 times unsaid before)",
                "warning: 403 to 10.1.2.3 for /api/all: user \"vera\" has the role viewer; this needs admin (and 4 times unsaid before)",
            ],
            _lines.Taken());

        _now += 600_000;
        await AskAsync(routes, null);
        Assert.Equal(["warning: 401 to 10.1.2.3 for /api/all: this needs a login"], _lines.Taken());
    }

    [Fact]
    public async Task WhatIsNotRefusedIsNotWritten()
    {
        await using ServedRoutes routes = Serve();
        await routes.AskAsAsync("vera", "GET", "/api/reading");
        await routes.AskAsAsync("vera", "GET", "/api/nothing");
        await routes.AskAsAsync("vera", "POST", "/api/reading");
        Assert.Empty(_lines.Taken());
    }

    private static Task<FrontAnswer> AskAsync(ServedRoutes routes, string? user) =>
        routes.AskAsAsync(user, "GET", "/api/all", ("REMOTE_ADDR", "10.1.2.3"));

    private ServedRoutes Serve() => new(Settings, new Routes(
        Settings,
        [
            new("GET", "/api/reading", UserRole.Viewer, new Route(new HealthHandler())),
            new("GET", "/api/all", UserRole.Admin, new Route(new HealthHandler())),
        ],
        new RefusalLog(_lines, () => _now)));

    private sealed class Lines : IServerLog
    {
        private readonly List<string> _lines = [];

        public bool IsEnabled(ServerLogLevel level) => true;

        public void Write(ServerLogLevel level, string message)
        {
            lock (_lines)
                _lines.Add($"{(level == ServerLogLevel.Warning ? "warning" : level)}: {message}");
        }

        public string[] Taken()
        {
            lock (_lines)
            {
                string[] taken = [.. _lines];
                _lines.Clear();
                return taken;
            }
        }
    }
}
