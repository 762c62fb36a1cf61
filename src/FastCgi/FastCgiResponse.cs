using System;
using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>
/// The answer to a request: a CGI response (RFC 3875 §6) whose header goes out with the first bytes of the body.
/// Status is always explicit; a handler that does nothing answers 200 with an empty body, or 403 in the authorizer role.
/// </summary>
public sealed class FastCgiResponse
{
    private readonly FastCgiRequest _request;
    private readonly ServerLimits _limits;
    private readonly ResponseBody _body;
    private byte[] _headers = new byte[256];
    private int _headersLength;
    private int _statusCode;
    private long? _contentLength;
    private Range _contentType;
    private bool _hasContentType;
    private bool _hasLocation;

    /// <param name="request">What it answers.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="standsIn">Whether it is said in place of the handler's, of an abandoned request.</param>
    internal FastCgiResponse(FastCgiRequest request, ServerLimits limits, bool standsIn = false)
    {
        _request = request;
        _limits = limits;
        _body = new ResponseBody(request, limits, standsIn);
    }

    /// <summary>The HTTP status, 200 to 599. In the authorizer role 200 is the permission, of which the body is dropped (FastCGI 1.0 §6.3).</summary>
    /// <exception cref="InvalidOperationException">The header has gone out.</exception>
    public int StatusCode
    {
        get => _statusCode;
        set
        {
            ThrowIfStarted();
            HttpStatus.ReasonOf(value); // throws for what is no status
            _statusCode = value;
        }
    }

    /// <summary>
    /// The body's length in bytes, when it is known: sent as Content-Length and then enforced. For HEAD, of the body GET would have.
    /// </summary>
    /// <exception cref="InvalidOperationException">The header has gone out.</exception>
    public long? ContentLength
    {
        get => _contentLength;
        set
        {
            ThrowIfStarted();
            if (value is long length)
                ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(value));
            _contentLength = value;
        }
    }

    /// <summary>Whether the header has been composed: status and headers are settled.</summary>
    internal bool HeadersComposed { get; private set; }

    /// <summary>
    /// Where the body is written: into the records themselves, no copy between. <c>FlushAsync</c> sends; its result says
    /// <c>IsCompleted</c> when nobody reads any more. Touching it settles the header.
    /// </summary>
    public PipeWriter Body
    {
        get
        {
            ComposeHeaders();
            return _body;
        }
    }

    /// <summary>Bytes of body written that the answer may have.</summary>
    internal long BodyBytes => _body.BodyBytes;

    internal bool HasReachedFront => _body.HasSent;

    internal bool HasReachedFrontWhole => _body.IsWhole;

    /// <summary>
    /// Writes all of the body at once. What <see cref="ServerLimits.MaxUnflushedBytes"/> lets it keep is sent after the handler has
    /// returned, so a slow reader does not keep a handler that may block; of a longer one the rest is sent from here.
    /// </summary>
    /// <param name="body">Is not used any more when the task is done.</param>
    public async ValueTask WriteWholeAsync(ReadOnlyMemory<byte> body)
    {
        ContentLength = body.Length;
        int sentHere = (int)Math.Clamp(body.Length + Body.UnflushedBytes - _limits.MaxUnflushedBytes, 0, body.Length);
        if (sentHere > 0 && (await Body.WriteAsync(body[..sentHere]).ConfigureAwait(false)).IsCompleted)
            return;
        Body.Write(body.Span[sentHere..]);
    }

    /// <summary>Adds a header field. Content-Length and Status have properties of their own.</summary>
    /// <exception cref="ArgumentException">
    /// The name is not a token, the value has a CR, LF or NUL, the field belongs to the front (RFC 9110 §7.6.1), or may only come once.
    /// </exception>
    /// <exception cref="InvalidOperationException">The header has gone out, or is longer than allowed.</exception>
    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfStarted();
        if (!HeaderRules.IsToken(name) || !HeaderRules.IsFieldValue(value))
            throw new ArgumentException($"not a header field: \"{Encoding.Latin1.GetString(name)}\": \"{Encoding.Latin1.GetString(value)}\"");
        if (HeaderRules.BelongsToFront(name))
            throw new ArgumentException($"{Encoding.ASCII.GetString(name)} is not for a handler to set");
        bool isContentType = NoteSingle(name, "Content-Type"u8, ref _hasContentType);
        NoteSingle(name, "Location"u8, ref _hasLocation);

        int start = _headersLength;
        AppendHeader(name, value);
        if (isContentType)
            _contentType = start.._headersLength;
    }

    /// <summary>In the authorizer role: a variable that the front hands to whatever answers the request it permits (FastCGI 1.0 §6.3).</summary>
    /// <param name="name">Letters, digits and underscores, the first no digit, such as <c>AUTH_METHOD</c>.</param>
    /// <param name="value">Without CR, LF and NUL.</param>
    /// <exception cref="ArgumentException">The name or the value cannot be a variable's.</exception>
    /// <exception cref="InvalidOperationException">The request is in another role, or the header has gone out, or is longer than allowed.</exception>
    public void AddVariable(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfStarted();
        if (_request.Role != Role.Authorizer)
            throw new InvalidOperationException($"only an authorizer adds variables, not a {_request.Role}");
        if (!HeaderRules.IsVariableName(name) || !HeaderRules.IsFieldValue(value))
            throw new ArgumentException($"not a variable: \"{Encoding.Latin1.GetString(name)}\": \"{Encoding.Latin1.GetString(value)}\"");
        Span<byte> field = stackalloc byte[HeaderRules.VariablePrefix.Length + name.Length];
        HeaderRules.VariablePrefix.CopyTo(field);
        name.CopyTo(field[HeaderRules.VariablePrefix.Length..]);
        AppendHeader(field, value);
    }

    /// <summary>
    /// Asks the front to pass each flushed piece of the body on at once, as an event stream needs: nginx (X-Accel-Buffering) and lighttpd
    /// from 1.4.83 on (Incremental, RFC 9218's successor); others have settings for it.
    /// </summary>
    public void DisableBuffering()
    {
        AddHeader("X-Accel-Buffering"u8, "no"u8);
        AddHeader("Incremental"u8, "?1"u8);
    }

    /// <summary>
    /// Has the front send a file as the body, which costs this program nothing: X-Sendfile at lighttpd, X-Accel-Redirect at nginx, told
    /// apart by SERVER_SOFTWARE. The front has to be configured for it.
    /// </summary>
    /// <param name="path">The file's absolute path, for lighttpd (<c>x-sendfile-docroot</c> has to contain it).</param>
    /// <param name="location">Its path below an <c>internal</c> location, for nginx.</param>
    /// <returns>False when the front is neither, and the file has to be sent by the handler itself.</returns>
    /// <exception cref="ArgumentException">A path is not absolute, has a <c>..</c> in it, or a control character.</exception>
    public bool TrySendFile(ReadOnlySpan<byte> path, ReadOnlySpan<byte> location)
    {
        ReadOnlySpan<byte> front = _request.Parameters["SERVER_SOFTWARE"u8];
        if (front.StartsWith("lighttpd/"u8))
            AddHeader("X-Sendfile"u8, PathRules.Escape(path));
        else if (front.StartsWith("nginx/"u8))
            AddHeader("X-Accel-Redirect"u8, PathRules.Escape(location));
        else
            return false;
        return true;
    }

    /// <summary>
    /// Text for the front's own error log (STDERR, FastCGI 1.0 §5.3). It goes out behind the body, since nginx counts what comes before
    /// the header as header; of more than <see cref="ServerLimits.MaxErrorBytes"/> the rest is cut off.
    /// </summary>
    public void WriteError(ReadOnlySpan<byte> text) => _body.WriteError(text);

    internal void Begin()
    {
        _statusCode = _request.Role == Role.Authorizer ? 403 : 200; // fail closed: a permission is said, never the default
        _headersLength = 0;
        _hasContentType = _hasLocation = false;
        _contentLength = null;
        HeadersComposed = false;
        _body.Begin();
    }

    /// <summary>Drops what a failed handler left unsent, so that an error can be said instead.</summary>
    internal void StartOver() => Begin();

    /// <summary>Sends what is left of the response, and its end.</summary>
    /// <exception cref="InvalidOperationException">The body is shorter than its Content-Length.</exception>
    internal ValueTask CompleteAsync(uint applicationStatus)
    {
        ComposeHeaders();
        return _body.CompleteAsync(new EndRequestBody(applicationStatus, ProtocolStatus.RequestComplete));
    }

    /// <summary>Ends a response that cannot be finished: nothing more of it is sent, only the end.</summary>
    internal ValueTask CutShortAsync(EndRequestBody end)
    {
        _body.DropUnsent();
        return _body.EndAsync(end);
    }

    private void ComposeHeaders()
    {
        if (HeadersComposed)
            return;
        bool permits = _request.Role == Role.Authorizer && _statusCode == 200;
        bool bodiless = permits || HttpStatus.HasNoBody(_statusCode);
        if (bodiless && _hasContentType)
            RemoveContentType();
        if (ContentLength is long length && !bodiless)
        {
            Span<byte> digits = stackalloc byte[20];
            Utf8Formatter.TryFormat(length, digits, out int written);
            AppendHeader("Content-Length"u8, digits[..written]);
        }

        HeadersComposed = true;
        BodyRule rule = permits ? BodyRule.Withhold : bodiless || _request.Method.SequenceEqual("HEAD"u8) ? BodyRule.Discard : BodyRule.Send;
        _body.ExpectBody(rule, bodiless ? null : ContentLength);
        _body.WriteHeaderBlock(_statusCode, _headers.AsSpan(0, _headersLength));
    }

    /// <summary>It would describe a body that is not there (RFC 9110 §8.3).</summary>
    private void RemoveContentType()
    {
        _headers.AsSpan(_contentType.End.Value.._headersLength).CopyTo(_headers.AsSpan(_contentType.Start.Value));
        _headersLength -= _contentType.End.Value - _contentType.Start.Value;
        _hasContentType = false;
    }

    private void AppendHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int length = name.Length + value.Length + 4;
        if (_headersLength + length > _limits.MaxResponseHeaderBytes)
            throw new InvalidOperationException($"the response's header is longer than {_limits.MaxResponseHeaderBytes} bytes");
        if (_headersLength + length > _headers.Length)
            Array.Resize(ref _headers, Math.Max(_headers.Length * 2, _headersLength + length));

        Span<byte> line = _headers.AsSpan(_headersLength, length);
        name.CopyTo(line);
        ": "u8.CopyTo(line[name.Length..]);
        value.CopyTo(line[(name.Length + 2)..]);
        "\r\n"u8.CopyTo(line[^2..]);
        _headersLength += length;
    }

    private static bool NoteSingle(ReadOnlySpan<byte> name, ReadOnlySpan<byte> single, ref bool has)
    {
        if (name.Length != single.Length || !Ascii.EqualsIgnoreCase(name, single))
            return false;
        if (has)
            throw new ArgumentException($"{Encoding.ASCII.GetString(single)} may come only once (RFC 3875 §6.3)");
        has = true;
        return true;
    }

    private void ThrowIfStarted()
    {
        if (HeadersComposed)
            throw new InvalidOperationException("the response's header is settled already");
    }
}
