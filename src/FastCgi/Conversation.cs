using System;
using System.Buffers;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// What a front may say on a connection and what follows from it: one switch over the record types (FastCGI 1.0 §4–§6).
/// Runs on the connection's reader; throws when the front breaks the protocol.
/// </summary>
internal sealed class Conversation
{
    private readonly RequestTable _requests;
    private readonly ConnectionOutput _output;
    private readonly RequestDispatcher _dispatcher;
    private readonly ITransport _transport;
    private readonly ServerLimits _limits;
    private readonly Lock _holdUp = new();
    private RequestBody? _heldUpBy;
    private long _heldUpSince;
    private long _skippedBytes; // since the last BEGIN_REQUEST
    private int _unknownTypes; // answered since the last BEGIN_REQUEST

    public Conversation(RequestTable requests, ConnectionOutput output, RequestDispatcher dispatcher, ITransport transport, ServerLimits limits)
    {
        _limits = limits;
        _transport = transport;
        _requests = requests;
        _output = output;
        _dispatcher = dispatcher;
    }

    /// <summary>Whether the front has asked what anybody may: how many connections and requests it may have.</summary>
    public bool HasAnsweredValues { get; private set; }

    /// <summary>Forgets the last connection.</summary>
    public void Reset()
    {
        HasAnsweredValues = false;
        _skippedBytes = 0;
        _unknownTypes = 0;
    }

    /// <summary>Heeds one record, or a piece of one. Waits only while a body's buffer is full.</summary>
    /// <exception cref="FastCgiProtocolException">The connection cannot go on.</exception>
    public ValueTask HearAsync(in RecordPiece piece)
    {
        ushort id = piece.Header.RequestId;
        switch (piece.Header.Type)
        {
            case RecordType.BeginRequest:
                Begin(id, BeginRequestBody.Read(InOnePiece(piece.Content)));
                break;

            case RecordType.Params:
                if (_requests.Find(id) is { State: RequestState.Receiving } receiving)
                    ReceiveParameters(receiving, piece);
                break;

            case RecordType.Stdin:
            case RecordType.Data:
                return ReceiveStreamAsync(id, piece);

            case RecordType.AbortRequest:
                if (piece.EndsRecord && _requests.Find(id) is FastCgiRequest aborted)
                    Abort(aborted);
                break;

            case RecordType.GetValues:
                AnswerValues(piece.Content);
                break;

            // §3.3: types for the other direction are skipped.
            case RecordType.EndRequest:
            case RecordType.Stdout:
            case RecordType.Stderr:
            case RecordType.GetValuesResult:
            case RecordType.UnknownType:
                break;

            // §4.2: only a management record of a type unknown is answered; nginx takes any answer to others for an error.
            default:
                if (piece.EndsRecord && id == RecordHeader.ManagementId)
                    AnswerUnknownType(piece.Header.Type);
                break;
        }
        return default;
    }

    private static ReadOnlySpan<byte> InOnePiece(in ReadOnlySequence<byte> content) =>
        content.IsSingleSegment ? content.FirstSpan : content.ToArray();

    private void Begin(ushort id, BeginRequestBody body)
    {
        if (id == RecordHeader.ManagementId)
            throw new FastCgiProtocolException("BEGIN_REQUEST with request id 0");
        if (_requests.Find(id) is not null)
            throw new FastCgiProtocolException($"BEGIN_REQUEST for request id {id}, which is open");

        _skippedBytes = 0;
        _unknownTypes = 0;
        if (!_dispatcher.Plays(body.Role))
            Refuse(id, body, ProtocolStatus.UnknownRole);
        else if (_requests.Begin(id, body.Role, body.KeepConnection) is null)
            Refuse(id, body, ProtocolStatus.CannotMultiplex);
    }

    /// <summary>Ends a request that was never opened; the records that follow for it are skipped as those of an inactive id.</summary>
    private void Refuse(ushort id, BeginRequestBody body, ProtocolStatus status)
    {
        PostEnd(id, body.Role, new EndRequestBody(0, status));
        if (!body.KeepConnection)
            _requests.CloseAfterRefused();
    }

    private void ReceiveParameters(FastCgiRequest request, in RecordPiece piece)
    {
        if (!piece.EndsStream)
        {
            if (!request.Parameters.TryAppend(piece.Content, _limits.MaxParametersBytes))
                RefuseParameters(request, $"the request's parameters are longer than {_limits.MaxParametersBytes} bytes");
        }
        else if (request.Parameters.TryIndex(_limits.MaxParameters))
        {
            _dispatcher.Start(request);
        }
        else
        {
            RefuseParameters(request, $"the request has more than {_limits.MaxParameters} parameters");
        }
    }

    /// <summary>431; the connection then closes, since the rest of what is too much would have to be read.</summary>
    private void RefuseParameters(FastCgiRequest request, string detail)
    {
        _requests.CloseAfterLast();
        _dispatcher.Refuse(request, 431, detail);
    }

    private ValueTask ReceiveStreamAsync(ushort id, in RecordPiece piece)
    {
        if (_requests.Find(id) is not FastCgiRequest request)
        {
            if (piece.EndsStream)
                _requests.NoteUnreadStreamEnded(id, piece.Header.Type);
            else
                Skip(piece.Content.Length);
            return default;
        }
        if (request.State == RequestState.Receiving)
            throw new FastCgiProtocolException($"{piece.Header.Type.ToString().ToUpperInvariant()} of request id {id} before the end of its PARAMS");
        if (piece.Header.Type == RecordType.Data && request is { Role: Role.Filter, Input.Ended: false }) // §6.4; each would wait for the other to be read
            throw new FastCgiProtocolException($"DATA of request id {id} before the end of its STDIN");
        if (request.OpenStream(piece.Header.Type) is not RequestBody stream)
            return default;
        if (!piece.EndsStream)
        {
            ValueTask appending = stream.AppendAsync(piece.Content);
            return appending.IsCompletedSuccessfully ? default : WaitForHandlerAsync(stream, appending);
        }
        stream.End();
        return default;
    }

    /// <summary>
    /// What comes for requests that are over is skipped, but not for ever: a front that goes on and on is closed, as soon as that costs
    /// nobody's answer.
    /// </summary>
    private void Skip(long bytes)
    {
        _skippedBytes += bytes;
        if (_skippedBytes > _limits.MaxSkippedBytes)
            _requests.CloseAfterLast();
    }

    /// <summary>A body's buffer is full: nothing more is read from the front until its handler has taken some, so that the front slows down.</summary>
    private async ValueTask WaitForHandlerAsync(RequestBody stream, ValueTask appending)
    {
        lock (_holdUp)
        {
            _heldUpBy = stream;
            _heldUpSince = Environment.TickCount64;
        }
        await appending.ConfigureAwait(false);
        lock (_holdUp)
            _heldUpBy = null;
        await new OthersFirst(_transport); // it resumed where the handler took the bytes; the reader's place is the loop
    }

    /// <summary>
    /// Gives up the body that has held up the reader for too long, where others wait for it. From any thread. Multiplexing has no
    /// flow control: one slow handler must not stop the other requests, which may stand unheard behind that body, as its own ABORT
    /// may. And a front that sends the whole body before it reads (Caddy) waits for the reader while the handler waits for the front
    /// to take its answer.
    /// </summary>
    public void Sweep(long now)
    {
        double patience = _limits.StallTimeout.TotalMilliseconds;
        lock (_holdUp)
        {
            if (_heldUpBy is not null && now - _heldUpSince > patience && (_requests.MayMultiplex || _output.WaitsSince < now - patience))
                _heldUpBy.GiveUp();
        }
    }

    /// <summary>§5.4: the handler is told; its answer, whatever is left of it, ends the request.</summary>
    /// <param name="request">One that was open when it was looked for; it may have ended since.</param>
    public void Abort(FastCgiRequest request)
    {
        switch (request.State) // looked at once: a handler on the pool may end it meanwhile, and then the END_REQUEST is its own
        {
            case RequestState.Running:
                request.Cancel(); // first: a handler that waits for the body is resumed by the next line, and its exception is no failure then
                request.FailStreams(new OperationCanceledException("the front has aborted the request"));
                break;

            case RequestState.Receiving:
                _requests.Finish(request); // first: posting throws when the front does not read
                PostEnd(request.Id, request.Role, new EndRequestBody(0, ProtocolStatus.RequestComplete));
                break;
        }
    }

    /// <summary>§4.1: one record with the variables known; what else is asked for is left out. A pair cut short ends the question.</summary>
    private void AnswerValues(in ReadOnlySequence<byte> content)
    {
        Span<byte> values = stackalloc byte[128];
        var known = new ManagementAnswer(values, _limits);
        var asked = new NameValueReader(InOnePiece(content));
        while (asked.TryRead(out ReadOnlySpan<byte> name, out _))
            known.Add(name);

        Span<byte> record = stackalloc byte[RecordWriter.LengthOf(known.Length)];
        var writer = new RecordWriter(record);
        writer.WriteRecord(RecordType.GetValuesResult, RecordHeader.ManagementId, values[..known.Length]);
        _output.Post(record);
        HasAnsweredValues = true;
    }

    private void AnswerUnknownType(RecordType type)
    {
        if (++_unknownTypes > _limits.MaxUnreadAnswers)
            throw new FastCgiProtocolException($"{_unknownTypes} management records of types unknown, the last {(byte)type}, and no request");
        Span<byte> record = stackalloc byte[RecordWriter.LengthOf(UnknownTypeBody.Length)];
        var writer = new RecordWriter(record);
        writer.WriteUnknownType(new UnknownTypeBody(type));
        _output.Post(record);
    }

    /// <summary>
    /// Ends a request that no handler has seen. An authorizer's with a denial, since lighttpd takes an end without a status for a
    /// permission.
    /// </summary>
    private void PostEnd(ushort id, Role role, EndRequestBody body)
    {
        ReadOnlySpan<byte> denial = role == Role.Authorizer ? "Status: 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n"u8 : default;
        Span<byte> records = stackalloc byte[RecordWriter.LengthOf(denial.Length) + RecordWriter.LengthOf(0) + RecordWriter.LengthOf(EndRequestBody.Length)];
        var writer = new RecordWriter(records);
        if (!denial.IsEmpty)
        {
            writer.WriteRecord(RecordType.Stdout, id, denial);
            writer.WriteEndOfStream(RecordType.Stdout, id);
        }
        writer.WriteEndRequest(id, body);
        _output.Post(records[..writer.Written]);
    }
}
