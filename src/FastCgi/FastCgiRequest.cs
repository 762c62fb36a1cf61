using System;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading;

namespace FastCgi;

/// <summary>One request, as a handler sees it. Reused for later requests of the connection: nothing of it may be kept.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A CancellationTokenSource without a timer holds nothing to free.")]
public sealed class FastCgiRequest
{
    private const int Unwanted = 1;
    private const int OutOfTime = 2;

    private readonly RequestBody _body;
    private CancellationTokenSource _abort = new();
    private ReadOnlyMemory<byte> _path;
    private ReadOnlyMemory<byte> _method;
    private int _cancelled;
    private int _state;
    private long _waitedForSince;

    internal FastCgiRequest(FastCgiConnection connection, ServerLimits limits)
    {
        Connection = connection;
        _body = new RequestBody(limits);
        Response = new FastCgiResponse(this, limits);
    }

    /// <summary>The number the front gave to the request, unique among those open on its connection.</summary>
    public ushort Id { get; private set; }

    /// <summary>The CGI variables the front sent.</summary>
    public RequestParameters Parameters { get; } = new();

    /// <summary>REQUEST_METHOD (RFC 3875 §4.1.12), such as <c>GET</c>.</summary>
    public ReadOnlySpan<byte> Method => _method.Span;

    /// <summary>
    /// The path of the resource: SCRIPT_NAME followed by PATH_INFO (RFC 3875 §3.3), decoded by the front. Where a front divides
    /// the two differs; together they are the same everywhere.
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

    /// <summary>Cancelled when nobody waits for the answer any more, or when the request has taken too long.</summary>
    public CancellationToken Aborted => _abort.Token;

    internal FastCgiConnection Connection { get; }

    internal FastCgiResponse Response { get; }

    internal RequestBody Input => _body;

    internal RequestState State
    {
        get => (RequestState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    internal bool KeepConnection { get; private set; }

    internal bool HandlerMayBlock { get; private set; }

    /// <summary>Since when the reader has waited for its parameters, in milliseconds of Environment.TickCount64; long.MaxValue when it has not had to.</summary>
    internal long WaitedForSince
    {
        get => Volatile.Read(ref _waitedForSince);
        set => Volatile.Write(ref _waitedForSince, value);
    }

    /// <summary>When the whole request has taken too long, in milliseconds of Environment.TickCount64.</summary>
    internal long Deadline { get; private set; }

    /// <summary>Whether it came on a kept connection after the server was told to stop.</summary>
    internal bool CameTooLate { get; private set; }

    /// <summary>Whether it was cancelled because it took too long.</summary>
    internal bool TimedOut => Volatile.Read(ref _cancelled) == OutOfTime;

    internal bool IsCancelled => Volatile.Read(ref _cancelled) != 0;

    /// <summary>Takes this object into use for a request that begins.</summary>
    internal void Begin(ushort id, bool keepConnection, bool tooLate)
    {
        Id = id;
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
        State = RequestState.Receiving;
    }

    /// <summary>Undoes what the last request left; only when its handler has ended and the reader holds none of it.</summary>
    internal void Recycle()
    {
        _body.Reset();
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
    internal void Prepare(long maxBodyBytes)
    {
        _method = Parameters.Find("REQUEST_METHOD"u8);
        if (Method.IsEmpty)
            throw new RequestRefusedException(400, "REQUEST_METHOD is missing");
        _path = Parameters.Concatenate("SCRIPT_NAME"u8, "PATH_INFO"u8);
        if (Path.IndexOfAny((byte)0, (byte)'\n', (byte)'\r') >= 0)
            throw new RequestRefusedException(400, "the path contains a control character");

        ReadOnlySpan<byte> length = Parameters["CONTENT_LENGTH"u8];
        if (length.IsEmpty)
            return;
        // Digits only (RFC 3875 §4.1.2): Utf8Parser alone would take a sign.
        if (!char.IsAsciiDigit((char)length[0]) || !Utf8Parser.TryParse(length, out long declared, out int used) || used != length.Length)
            throw new RequestRefusedException(400, $"CONTENT_LENGTH \"{Parameters.GetString("CONTENT_LENGTH"u8)}\" is not a length");
        if (declared > maxBodyBytes)
            throw new RequestRefusedException(413, $"CONTENT_LENGTH {declared} is more than {maxBodyBytes} bytes");
        ContentLength = declared;
    }

    /// <summary>Called before the handler starts.</summary>
    internal void Start(bool handlerMayBlock, long deadline)
    {
        HandlerMayBlock = handlerMayBlock;
        Deadline = deadline;
        State = RequestState.Running;
        _body.Expect(ContentLength, handlerMayBlock);
    }

    /// <summary>Tells the handler that nobody waits any more. Its callbacks run on the pool: the caller serves others.</summary>
    internal void Cancel(bool timedOut = false)
    {
        if (Interlocked.CompareExchange(ref _cancelled, timedOut ? OutOfTime : Unwanted, 0) == 0)
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

    /// <summary>Over. Only the connection's reader, which may still hold a piece of its body, makes it free.</summary>
    Finished,
}
