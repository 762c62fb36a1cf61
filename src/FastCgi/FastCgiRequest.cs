using System;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>One request, as a handler sees it. Reused for later requests of the connection: nothing of it may be kept.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A CancellationTokenSource without a timer holds nothing to free.")]
public sealed partial class FastCgiRequest
{
    private const int Unwanted = 1;
    private const int OutOfTime = 2;

    private readonly RequestBody _body;
    private RequestBody? _file; // made with the first request in the filter role
    private CancellationTokenSource _abort = new();
    private ReadOnlyMemory<byte> _path;
    private ReadOnlyMemory<byte> _method;
    private long? _fileLength;
    private int _cancelled;
    private int _state;
    private int _slow;
    private long _waitedForSince;

    internal FastCgiRequest(ServerLimits limits)
    {
        Limits = limits;
        _body = new RequestBody("the body", limits);
        Answer = Response = new FastCgiResponse(this, limits);
    }

    /// <summary>The number the front gave to the request, unique among those open on its connection.</summary>
    public ushort Id { get; private set; }

    /// <summary>The part this program plays: responder, authorizer or filter (FastCGI 1.0 §6).</summary>
    /// <remarks>
    /// In the authorizer role the response is a denial, 403, until the handler sets <see cref="FastCgiResponse.StatusCode"/> to 200,
    /// and nothing of a permission leaves before the handler has ended without an exception. Fronts send an authorizer neither body
    /// nor SCRIPT_NAME (§6.3), so <see cref="Path"/> is empty; REQUEST_URI says what the client asked for, as it wrote it.
    /// </remarks>
    public Role Role { get; private set; }

    /// <summary>The CGI variables the front sent.</summary>
    public RequestParameters Parameters { get; } = new();

    /// <summary>REQUEST_METHOD (RFC 3875 §4.1.12), such as <c>GET</c>.</summary>
    public ReadOnlySpan<byte> Method => _method.Span;

    /// <summary>
    /// The path of the resource: SCRIPT_NAME followed by PATH_INFO (RFC 3875 §3.3), decoded by the front. Where a front divides
    /// the two differs; together they are the same everywhere. For a <see cref="CgiProgram"/> it is PATH_INFO: there SCRIPT_NAME is
    /// where the web server has put the program.
    /// </summary>
    public ReadOnlySpan<byte> Path => _path.Span;

    /// <summary>QUERY_STRING (RFC 3875 §4.1.7), not decoded.</summary>
    public ReadOnlySpan<byte> Query => Parameters["QUERY_STRING"u8];

    /// <summary>CONTENT_LENGTH in bytes; null when the front did not send one. The body itself may still differ.</summary>
    public long? ContentLength { get; private set; }

    /// <summary>
    /// The body, as it arrives. Reading slowly slows the front down. Reading throws <see cref="RequestRefusedException"/>
    /// when the body is too long, too short, or stops arriving.
    /// </summary>
    public PipeReader Body => _body;

    /// <summary>
    /// Whether the body is not as long as CONTENT_LENGTH says: longer as soon as more has come (HAProxy declares of a chunked upload what it
    /// has buffered so far), shorter once it has ended.
    /// </summary>
    public bool BodyLengthDiffers => _body.LengthDiffers;

    /// <summary>
    /// The file a filter is to work on, its FCGI_DATA stream (FastCGI 1.0 §6.4), read like the body. It comes behind the body: asking for it
    /// drops what was not read of that. Shorter than FCGI_DATA_LENGTH, it throws <see cref="RequestRefusedException"/>; of a longer one
    /// there is no more than that length.
    /// </summary>
    /// <exception cref="InvalidOperationException">The request is not in the filter role.</exception>
    public PipeReader File
    {
        get
        {
            if (Role != Role.Filter)
                throw new InvalidOperationException($"a request in the role of {Role} has no file");
            _body.Complete();
            return _file!;
        }
    }

    /// <summary>Whether the file is not as long as FCGI_DATA_LENGTH says, as <see cref="BodyLengthDiffers"/> says it of the body.</summary>
    public bool FileLengthDiffers => Role == Role.Filter && _file!.LengthDiffers;

    /// <summary>Cancelled when nobody waits for the answer any more, or when the request has taken too long.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>The connection it came on.</summary>
    internal FastCgiConnection Connection { get; private set; } = null!; // from Begin on

    /// <summary>The bounds of its connection.</summary>
    internal ServerLimits Limits { get; }

    /// <summary>What its handler writes into.</summary>
    internal FastCgiResponse Response { get; }

    /// <summary>What the front is told: <see cref="Response"/>, or what was said in its place.</summary>
    internal FastCgiResponse Answer { get; set; }

    internal RequestBody Input => _body;

    /// <summary>Whether all streams that come with the role have ended.</summary>
    internal bool IsReceived => (_body.Ended || Role == Role.Authorizer) && (Role != Role.Filter || _file!.Ended);

    /// <summary>Whether the front has said the end of every stream it may still send. Unlike <see cref="IsReceived"/>, of an authorizer's, too.</summary>
    internal bool IsReadToEnd => _body.Ended && (Role != Role.Filter || _file!.Ended);

    internal RequestState State
    {
        get => (RequestState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    /// <summary>Whether it was, or is about to be, ended without its handler.</summary>
    internal bool IsAbandoned => State is RequestState.Abandoned or RequestState.Answered;

    /// <summary>Leaves <see cref="RequestState.Running"/>, once: for its handler, which has ended, or for whoever ends it without its handler.</summary>
    /// <returns>The state before.</returns>
    internal RequestState LeaveRunning(RequestState next) =>
        (RequestState)Interlocked.CompareExchange(ref _state, (int)next, (int)RequestState.Running);

    internal bool KeepConnection { get; private set; }

    /// <summary>What answers it; null before its parameters were complete.</summary>
    internal IRequestHandler? Handler { get; private set; }

    internal bool HandlerMayBlock { get; private set; }

    /// <summary>Whether it waits for its turn among the handlers that may block.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>Since when the reader has waited for its parameters, in milliseconds of Environment.TickCount64; long.MaxValue when it has not had to.</summary>
    internal long WaitedForSince
    {
        get => Volatile.Read(ref _waitedForSince);
        set => Volatile.Write(ref _waitedForSince, value);
    }

    /// <summary>When its parameters were complete, in milliseconds of Environment.TickCount64.</summary>
    internal long StartedAt { get; private set; }

    /// <summary>The same by the finer clock, Stopwatch; 0 when nobody asked for it.</summary>
    internal long StartedTimestamp { get; set; }

    /// <summary>When the whole request has taken too long, in milliseconds of Environment.TickCount64.</summary>
    internal long Deadline { get; private set; }

    /// <summary>Whether it came on a kept connection after the server was told to stop.</summary>
    internal bool CameTooLate { get; private set; }

    /// <summary>Whether it was cancelled because it took too long.</summary>
    internal bool TimedOut => Volatile.Read(ref _cancelled) == OutOfTime;

    /// <summary>Whether the answer did not reach the front whole.</summary>
    internal bool WasCutShort => IsCancelled || Connection.Output.IsBroken;

    internal bool IsCancelled => Volatile.Read(ref _cancelled) != 0;
}
