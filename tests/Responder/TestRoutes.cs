using System;
using System.Text;
using FastCgi;
using FastCgi.Protocol;

namespace Responder;

/// <summary>
/// What the integration tests can ask for; below /api/, which is what the shipped configuration hands to the backend, but for what only
/// an authorizer lets through.
/// </summary>
/// <remarks>Deliberately not here: methods. What a front does with one is tested on the appliance's own routes.</remarks>
internal sealed class TestRoutes : IRequestRouter
{
    private readonly Entry[] _table;
    private readonly bool _authorizes;
    private readonly PermissionRoutes _permissions;

    /// <param name="authorizes">Whether the role of an authorizer is played too.</param>
    public TestRoutes(bool authorizes)
    {
        _authorizes = authorizes;
        var counters = new Counters();
        _permissions = new PermissionRoutes(counters);
        _table =
        [
            new("/api/health", new Route(new HealthHandler())),
            new("/api/counters", new Route(counters)),
            new("/api/variables", new Route(new VariablesHandler())),
            new("/secret/variables", new Route(new VariablesHandler())),
            new("/api/query", new Route(new QueryHandler())),
            new("/api/echo", new Route(new EchoHandler())),
            new("/api/change", new Route(new ChangeHandler())),
            new("/api/checksum", new Route(new ChecksumHandler(counters))),
            new("/api/pattern", new Route(new PatternHandler(counters))),
            new("/api/held", new Route(new HeldHandler(counters))),
            new("/api/count", new Route(new CountHandler())),
            new("/api/ticks", new Route(new TicksHandler())),
            new("/api/events", new Route(new EventsHandler())),
            new("/api/blocking", new Route(new BlockingHandler(counters), MayBlock: true)),
            new("/api/crash", new Route(new CrashHandler())),
            new("/api/failing", new Route(new FailingHandler())),
            new("/api/file", new Route(new FileHandler())),
        ];
    }

    public bool Plays(Role role) => role == Role.Responder || (role == Role.Authorizer && _authorizes);

    public Route Resolve(FastCgiRequest request)
    {
        if (request.Role == Role.Authorizer)
            return _permissions.Resolve(request);
        foreach (Entry entry in _table)
        {
            if (request.Path.SequenceEqual(entry.Path))
                return entry.Route;
        }
        return new Route(new ProblemHandler(404, $"there is nothing at {Encoding.UTF8.GetString(request.Path)}"));
    }

    private sealed class Entry(string path, Route route)
    {
        public byte[] Path { get; } = Encoding.ASCII.GetBytes(path);

        public Route Route => route;
    }
}
