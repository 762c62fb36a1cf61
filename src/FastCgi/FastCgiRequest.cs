using System;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;
using System.Threading;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>One request, as a handler sees it. Reused for later requests of the connection: nothing of it may be kept.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A CancellationTokenSource without a timer holds nothing to free.")]
public sealed class FastCgiRequest
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

    /// <summary>Takes this object into use for a request that begins.</summary>
    internal void Begin(FastCgiConnection connection, ushort id, Role role, bool keepConnection, bool tooLate)
    {
        Connection = connection;
        Id = id;
        Role = role;
        if (role == Role.Filter)
            _file ??= new RequestBody("the file", Limits) { EndsAtLength = true };
        KeepConnection = keepConnection;
        CameTooLate = tooLate;
        HandlerMayBlock = false;
        ContentLength = null;
        Deadline = long.MaxValue;
        WaitedForSince = long.MaxValue;
        _method = default;
        _path = default;
        Parameters.Clear();
        Response.Begin();
        Answer = Response;
        StartedTimestamp = 0;
        _slow = 0;
        State = RequestState.Receiving;
    }

    /// <summary>Undoes what the last request left; only when its handler has ended and the reader holds none of it.</summary>
    internal void Recycle()
    {
        _body.Reset();
        _file?.Reset();
        if (_cancelled != 0)
        {
            // The cancelled source may still be running its callbacks: it is left to them.
            _abort = new CancellationTokenSource();
            _cancelled = 0;
        }
        else if (!_abort.TryReset())
        {
            _abort = new CancellationTokenSource();
        }
        State = RequestState.Free;
    }

    /// <summary>Called when the parameters are complete: takes from them what every request needs.</summary>
    /// <exception cref="RequestRefusedException">They are not those of a request that can be served.</exception>
    internal void Prepare()
    {
        _method = Parameters.Find("REQUEST_METHOD"u8);
        if (Method.IsEmpty)
            throw new RequestRefusedException(400, "REQUEST_METHOD is missing");
        _path = Connection.IsCgi ? Parameters.Find("PATH_INFO"u8) : Parameters.Concatenate("SCRIPT_NAME"u8, "PATH_INFO"u8);
        if (HeaderRules.HasControlCharacter(Path))
            throw new RequestRefusedException(400, "the path contains a control character");
        RefuseControlCharacters("REQUEST_URI"u8);
        RefuseControlCharacters("DOCUMENT_URI"u8);
        RefuseControlCharacters("SCRIPT_FILENAME"u8);
        RefuseControlCharacters("PATH_TRANSLATED"u8);

        ContentLength = Declared("CONTENT_LENGTH"u8);
        _fileLength = Role == Role.Filter ? Declared("FCGI_DATA_LENGTH"u8) : null;
    }

    /// <summary>Of the variables with paths that handlers look at themselves, an authorizer's above all.</summary>
    private void RefuseControlCharacters(ReadOnlySpan<byte> variable)
    {
        if (HeaderRules.HasControlCharacter(Parameters[variable]))
            throw new RequestRefusedException(400, $"{Encoding.ASCII.GetString(variable)} contains a control character");
    }

    private long? Declared(ReadOnlySpan<byte> variable)
    {
        ReadOnlySpan<byte> length = Parameters[variable];
        if (length.IsEmpty)
            return null;
        if (!TryParseLength(length, out long declared))
            throw new RequestRefusedException(400, $"{Encoding.ASCII.GetString(variable)} \"{RequestDescription.Excerpt(length)}\" is not a length");
        return declared <= Limits.MaxBodyBytes
            ? declared
            : throw new RequestRefusedException(413, $"{Encoding.ASCII.GetString(variable)} {declared} is more than {Limits.MaxBodyBytes} bytes");
    }

    /// <summary>Reads a length such as CONTENT_LENGTH: digits only (RFC 3875 §4.1.2), where Utf8Parser alone would take a sign.</summary>
    internal static bool TryParseLength(ReadOnlySpan<byte> text, out long length)
    {
        length = 0;
        return !text.IsEmpty && char.IsAsciiDigit((char)text[0]) && Utf8Parser.TryParse(text, out length, out int used) && used == text.Length;
    }

    /// <summary>Called before the handler starts.</summary>
    internal void Start(in Route route, long now, long deadline)
    {
        Handler = route.Handler;
        HandlerMayBlock = route.MayBlock;
        StartedAt = now;
        Deadline = deadline;
        State = RequestState.Running;
        _body.Expect(ContentLength, HandlerMayBlock);
        if (Role == Role.Authorizer || ContentLength == 0) // HAProxy 2.6 sends no end for a chunked body without bytes
            _body.ExpectNothing();
        if (Role == Role.Filter)
            _file!.Expect(_fileLength, HandlerMayBlock);
    }

    /// <summary>The body, or a filter's file, that a record is for; null when it ended before, or the role has none.</summary>
    internal RequestBody? OpenStream(RecordType type)
    {
        RequestBody? stream = type == RecordType.Stdin ? _body : Role == Role.Filter ? _file : null;
        return stream is { Ended: false } ? stream : null;
    }

    /// <summary>The handler has ended: what still comes is dropped.</summary>
    internal void CompleteStreams()
    {
        _body.Complete();
        if (Role == Role.Filter)
            _file!.Complete();
    }

    /// <summary>What has not come never will: a handler that waits for it gets the exception.</summary>
    internal void FailStreams(Exception reason)
    {
        if (!_body.Ended)
            _body.Fail(reason);
        if (Role == Role.Filter && !_file!.Ended)
            _file.Fail(reason);
    }

    /// <summary>Ends a handler's wait for a stream that has stopped arriving.</summary>
    internal void TimeOutStreams(long now)
    {
        if (!_body.Ended)
            _body.TimeOut(now);
        if (Role == Role.Filter && !_file!.Ended)
            _file.TimeOut(now);
    }

    /// <summary>The request is ended without its handler, which gets an exception where it reads now or later. From any thread.</summary>
    internal void AbandonStreams()
    {
        _body.Abandon();
        if (Role == Role.Filter)
            _file!.Abandon();
    }

    /// <summary>Whether this is the first time that it is found to be slow. From any thread.</summary>
    internal bool TryMarkSlow() => Interlocked.Exchange(ref _slow, 1) == 0;

    /// <summary>Tells the handler that nobody waits any more. Its callbacks run on the pool: the caller serves others.</summary>
    internal void Cancel(bool timedOut = false)
    {
        if (Interlocked.CompareExchange(ref _cancelled, timedOut ? OutOfTime : Unwanted, 0) != 0)
            return;
        if (State == RequestState.Running)
            Connection.CountCancelled(timedOut);
        _ = _abort.CancelAsync();
    }
}

/// <summary>Where a request object is in its life. Changed under the connection's lock.</summary>
internal enum RequestState
{
    /// <summary>Ready for a request.</summary>
    Free,

    /// <summary>Its parameters are arriving.</summary>
    Receiving,

    /// <summary>Its handler has been started; its body may still be arriving.</summary>
    Running,

    /// <summary>END_REQUEST is about to be written: records for its id are skipped, and the front may use the id again.</summary>
    Ending,

    /// <summary>As <see cref="Ending"/>, but its handler does not end: nothing of that one's is sent any more.</summary>
    Abandoned,

    /// <summary>Its END_REQUEST is sent, its handler still runs.</summary>
    Answered,

    /// <summary>Over. Only the connection's reader, which may still hold a piece of its body, makes it free.</summary>
    Finished,
}
