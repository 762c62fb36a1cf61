using System;
using System.Collections.Generic;
using System.Text;
using Appliance.Access;
using Appliance.Metrics;
using Appliance.Responder;
using Appliance.Settings;
using Appliance.Status;
using FastCgi;

namespace Appliance;

/// <summary>
/// THE table of what this program answers: method + path → role needed → handler. A new handler = one file + one line here.
/// </summary>
/// <remarks>HEAD is answered wherever GET is (RFC 9110 §9.3.2). What a route sends is JSON unless its line says otherwise.</remarks>
internal sealed class Routes : IRequestRouter, IDisposable
{
    private readonly Entry[] _table;
    private readonly HostCheck _host;
    private readonly Authorization _authorization;
    private readonly RefusalLog? _refusals;

    /// <param name="settings">What handlers are made from.</param>
    /// <param name="log">Where refusals are reported; nowhere when left out.</param>
    /// <param name="server">The server that has these routes; left out where there is none, in a CGI program.</param>
    public Routes(ApplianceSettings settings, IServerLog? log = null, Func<FastCgiServer>? server = null)
        : this(settings, Table(settings, log, server), log is null ? null : new RefusalLog(log, static () => Environment.TickCount64))
    {
    }

    /// <summary>Another table, for what none of the routes above shows.</summary>
    internal Routes(ApplianceSettings settings, Entry[] table, RefusalLog? refusals = null)
    {
        _table = table;
        _host = new HostCheck(settings.Hosts);
        _authorization = new Authorization(settings.Users, settings.Realm);
        _refusals = refusals;
    }

    /// <summary>The lines of the table.</summary>
    internal IReadOnlyList<Entry> Entries => _table;

    private static Entry[] Table(ApplianceSettings settings, IServerLog? log, Func<FastCgiServer>? server)
    {
        FilesystemProbe probe = new(settings.Roots, FilesystemSize.Ask, settings.MountDeadline, settings.Status.MountsDeadline);
        DeviceStatus device = new(settings.Roots, probe, settings.Status);
        DeviceStatus watched = new(settings.Roots, probe, settings.Status); // another: its beats wait for nobody's answer
        StatusFeed feed = new(
            beat => StatusStreamHandler.EventOf(watched, beat), TimeProvider.System, settings.StreamWatchers, begin: watched.ForgetRates);
        SourceFiles files = new(settings.Roots, settings.MetricsOpenFiles);
        IReadOnlyList<Collectors.Entry> collectors = Collectors.Table(files, probe, server, settings.MetricsTextfiles, log);
        return
        [
            new("GET", "/api/health", UserRole.Anyone, new Route(new HealthHandler())),
            new("GET", "/api/status", UserRole.Viewer, new Route(new StatusHandler(device), MayBlock: true)),
            new("GET", "/api/status/stream", UserRole.Viewer,
                new Route(new StatusStreamHandler(feed, TimeProvider.System, settings.Limits.RequestTimeout, server)), MediaType.EventStream),
            new("GET", "/api/metrics", UserRole.Metrics, new Route(new MetricsHandler(files, collectors, settings, log)), MetricsHandler.Sends),
            new("GET", "/api/responder", UserRole.Operator, new Route(new ResponderHandler(server))),
        ];
    }

    /// <summary>Others take their place: handlers free what they keep. Requests that were routed here before are answered still.</summary>
    public void Dispose()
    {
        foreach (Entry entry in _table)
            (entry.Route.Handler as IDisposable)?.Dispose();
    }

    /// <summary>
    /// Finds the handler, or the answer that refuses the request. Whom it was sent to and who sent it are asked first: to anybody
    /// else nothing is said of what there is.
    /// </summary>
    public Route Resolve(FastCgiRequest request)
    {
        Entry? entry = Find(request, out UserRole needed, out string? allowed);
        if ((_host.Refuse(request) ?? _authorization.Refuse(request, needed)) is { } refusal)
            return Refused(request, refusal);
        if (entry is null)
            return allowed is null ? NotFound(request) : NotAllowed(request, allowed);
        if (!entry.IsSafe && CrossSiteCheck.Refuse(request) is { } misuse)
            return Refused(request, misuse);
        return AcceptHeader.Choose(request.Parameters["HTTP_ACCEPT"u8], entry.Sends) is null ? NotAcceptable(request, entry) : entry.Route;
    }

    /// <summary>Looks a request up.</summary>
    /// <param name="request">The request.</param>
    /// <param name="needed">
    /// The role of the entry. For a method that the path does not have, the least of the path's; for a path that is not there,
    /// the least there is: without a role nobody learns which paths there are.
    /// </param>
    /// <param name="allowed">The path's methods, when none of them is the request's; null for an unknown path.</param>
    private Entry? Find(FastCgiRequest request, out UserRole needed, out string? allowed)
    {
        ReadOnlySpan<byte> method = request.Method;
        ReadOnlySpan<byte> readAs = method.SequenceEqual("HEAD"u8) ? "GET"u8 : method;
        UserRole? least = null;
        allowed = null;
        foreach (Entry entry in _table)
        {
            if (!request.Path.SequenceEqual(entry.Path))
                continue;
            if (readAs.SequenceEqual(entry.Method))
            {
                needed = entry.Needs;
                return entry;
            }
            least = least < entry.Needs ? least : entry.Needs;
            allowed = (allowed is null ? "" : $"{allowed}, ") + entry.Allow;
        }
        needed = least ?? UserRole.Metrics;
        return null;
    }

    private Route Refused(FastCgiRequest request, Refusal refusal)
    {
        _refusals?.Note(request, refusal);
        return new Route(refusal.Handler);
    }

    private static Route NotFound(FastCgiRequest request) =>
        new(new ProblemHandler(404, $"there is nothing at {Excerpt.Of(request.Path)}"));

    private static Route NotAllowed(FastCgiRequest request, string allowed) =>
        new(new ProblemHandler(405, $"{Excerpt.Of(request.Method)} is not for {Excerpt.Of(request.Path)}", "Allow", allowed));

    private static Route NotAcceptable(FastCgiRequest request, Entry entry) =>
        new(new ProblemHandler(406, $"only {string.Join<MediaType>(" or ", entry.Sends)} can be sent, which Accept \"{Excerpt.Of(request.Parameters["HTTP_ACCEPT"u8])}\" excludes"));

    /// <summary>A line of the table.</summary>
    /// <param name="method">As it stands in a request; GET also answers HEAD.</param>
    /// <param name="path">The whole path, byte for byte.</param>
    /// <param name="needs">The role a user must have or include.</param>
    /// <param name="route">What answers.</param>
    /// <param name="sends">What it can send, in order of preference; JSON when nothing is said.</param>
    internal sealed class Entry(string method, string path, UserRole needs, Route route, params MediaType[] sends)
    {
        public byte[] Method { get; } = Encoding.ASCII.GetBytes(method);

        public byte[] Path { get; } = Encoding.ASCII.GetBytes(path);

        public UserRole Needs => needs;

        public Route Route => route;

        public MediaType[] Sends { get; } = sends.Length == 0 ? [MediaType.Json] : sends;

        /// <summary>Whether it only reads (RFC 9110 §9.2.1). The table has neither OPTIONS nor TRACE.</summary>
        public bool IsSafe => method == "GET";

        public string Allow => method == "GET" ? "GET, HEAD" : method;
    }
}
