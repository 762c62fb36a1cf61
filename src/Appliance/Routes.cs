using System;
using System.Text;
using Appliance.Settings;
using Appliance.Status;
using FastCgi;

namespace Appliance;

/// <summary>THE table of what this program answers: method + path → handler. A new handler = one file + one line here.</summary>
/// <remarks>HEAD is answered wherever GET is (RFC 9110 §9.3.2). What a route sends is JSON.</remarks>
internal sealed class Routes : IRequestRouter
{
    private const int MaxQuotedBytes = 200; // arbitrary; an answer must not grow with what it complains about

    private readonly Entry[] _table;

    public Routes(ApplianceSettings settings)
    {
        _table =
        [
            new("GET", "/api/health", new Route(new HealthHandler())),
            new("GET", "/api/status", new Route(new StatusHandler(new DeviceStatus(settings.Roots, settings.MountDeadline)), MayBlock: true)),
        ];
    }

    public Route Resolve(FastCgiRequest request)
    {
        ReadOnlySpan<byte> method = request.Method;
        ReadOnlySpan<byte> readAs = method.SequenceEqual("HEAD"u8) ? "GET"u8 : method;
        string? allowed = null;
        foreach (Entry entry in _table)
        {
            if (!request.Path.SequenceEqual(entry.Path))
                continue;
            if (readAs.SequenceEqual(entry.Method))
                return AcceptHeader.Admits(request.Parameters["HTTP_ACCEPT"u8], "application"u8, "json"u8) ? entry.Route : NotAcceptable(request);
            allowed = (allowed is null ? "" : $"{allowed}, ") + entry.Allow;
        }
        return allowed is null ? NotFound(request) : NotAllowed(request, allowed);
    }

    private static Route NotFound(FastCgiRequest request) =>
        new(new ProblemHandler(404, $"there is nothing at {Quote(request.Path)}"));

    private static Route NotAllowed(FastCgiRequest request, string allowed) =>
        new(new ProblemHandler(405, $"{Quote(request.Method)} is not for {Quote(request.Path)}", "Allow", allowed));

    private static Route NotAcceptable(FastCgiRequest request) =>
        new(new ProblemHandler(406, $"only application/json can be sent, which Accept \"{Quote(request.Parameters["HTTP_ACCEPT"u8])}\" excludes"));

    private static string Quote(ReadOnlySpan<byte> value) => value.Length <= MaxQuotedBytes
        ? Encoding.UTF8.GetString(value)
        : $"{Encoding.UTF8.GetString(value[..MaxQuotedBytes])}…";

    private sealed class Entry(string method, string path, Route route)
    {
        public byte[] Method { get; } = Encoding.ASCII.GetBytes(method);

        public byte[] Path { get; } = Encoding.ASCII.GetBytes(path);

        public Route Route => route;

        public string Allow => method == "GET" ? "GET, HEAD" : method;
    }
}
