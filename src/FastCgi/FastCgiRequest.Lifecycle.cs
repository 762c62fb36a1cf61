using System;
using System.Buffers.Text;
using System.Text;
using System.Threading;
using FastCgi.Protocol;

namespace FastCgi;

// Its life, from one request to the next, and what becomes of its streams meanwhile. No summary: users see one for the whole class.
public sealed partial class FastCgiRequest
{
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
