using System;
using System.Net;
using System.Net.Http;
using Integration.Tests.Fixture;

namespace Integration.Tests.Fronts;

/// <summary>
/// A front and how it is set up, apart from where it listens. Every front is asked the same (<see cref="FrontPromises"/>); what one
/// cannot do by itself, whatever is behind it, is named here and nowhere else.
/// </summary>
/// <param name="Command">The program.</param>
/// <param name="Arguments">What starts it in the foreground with <paramref name="Configuration"/>, which is in front.conf; {0} is its port.</param>
/// <param name="Configuration">Its configuration, given its port.</param>
public sealed record FrontSetup(string Command, string Arguments, Func<int, string> Configuration)
{
    /// <summary>Whether the front starts the backend itself; else it finds the socket of one that runs.</summary>
    public bool LaunchesBackend { get; init; }

    /// <summary>Where the backend listens on 127.0.0.1; null for its socket.</summary>
    public int? BackendPort { get; init; }

    /// <summary>Whether somebody starts the backend again when it has ended, and keeps its socket meanwhile.</summary>
    public bool Supervised { get; init; }

    /// <summary>For a front that starts a CGI program for each request: where that is, in the front's folder. Null for FastCGI.</summary>
    public string? CgiProgram { get; init; }

    /// <summary>Below which path of the front's the routes are.</summary>
    public string Path { get; init; } = "";

    /// <summary>For a front that is no server but a program for each request: what asks through it, in the front's folder.</summary>
    public Func<WorkFolder, HttpMessageHandler>? Client { get; init; }

    /// <summary>Whether a client may ask again on its connection; BusyBox 1.35 closes without saying so, maybe while that is on its way.</summary>
    public bool KeepsClients { get; init; } = true;

    /// <summary>
    /// How many clients it takes at once. Nine wait in the listening queue of BusyBox 1.35, and beyond that the kernel resets who sends more
    /// than one segment.
    /// </summary>
    public int ClientsAtOnce { get; init; } = 100;

    /// <summary>Whether a request reaches the backend before its body has come whole.</summary>
    public bool StreamsRequests { get; init; } = true;

    /// <summary>
    /// Whether the backend notices that a client leaves in the middle of its body. Not with BusyBox 1.35, which does not tell a program
    /// before the program has read what came.
    /// </summary>
    public bool TellsOfLeaving { get; init; } = true;

    /// <summary>Whether a client that leaves after its whole request is noticed by the backend; at HAProxy it is not (case 60).</summary>
    public bool TellsOfLeavingLate { get; init; } = true;

    /// <summary>Whether a field that comes twice is handed over whole (case 22); BusyBox 1.35 hands over one of the two.</summary>
    public bool JoinsFields { get; init; } = true;

    /// <summary>A body that is too large for the backend: also for what it discards of one, 512 KiB (case 71).</summary>
    public int RefusedBodyBytes { get; init; } = 5_000_000;

    /// <summary>The largest body that it takes without an announced length; of a larger one it says <see cref="ChunkedRefusal"/>.</summary>
    public int MostChunkedBytes { get; init; } = int.MaxValue;

    /// <summary>
    /// What a client gets whose body without an announced length is too large for the front. Null where nothing is said: BusyBox 1.35
    /// and cgi-fcgi know no such bodies.
    /// </summary>
    public HttpStatusCode? ChunkedRefusal { get; init; } = HttpStatusCode.LengthRequired;

    /// <summary>
    /// Whether an answer without Content-Length that breaks off looks so. Not where the end of a CGI program's output is the answer's
    /// end, whatever it was.
    /// </summary>
    public bool ShowsBreaks { get; init; } = true;

    /// <summary>
    /// Whether requests of several clients share a connection. FastCGI has no flow control: where one client does not read, the others'
    /// answers wait behind its own.
    /// </summary>
    public bool Multiplexes { get; init; }

    /// <summary>
    /// What stands in the front's log for an error page that is its own fault; such a request is asked again. Null where none is
    /// excused.
    /// </summary>
    public string? MarkOfOwnFault { get; init; }
}
