using System;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>
/// The answer to a request: a CGI response (RFC 3875 §6) whose header goes out with the first bytes of the body.
/// Status is always explicit; a handler that does nothing answers 200 with an empty body.
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

    internal FastCgiResponse(FastCgiRequest request, ServerLimits limits)
    {
        _request = request;
        _limits = limits;
        _body = new ResponseBody(request, limits);
    }

    /// <summary>The HTTP status, 200 to 599.</summary>
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

    internal bool HasReachedFront => _body.HasSent;

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

    internal void Begin()
    {
        _statusCode = 200;
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
    internal ValueTask CutShortAsync(uint applicationStatus)
    {
        _body.DropUnsent();
        return _body.EndAsync(new EndRequestBody(applicationStatus, ProtocolStatus.RequestComplete));
    }

    private void ComposeHeaders()
    {
        if (HeadersComposed)
            return;
        bool bodiless = HttpStatus.HasNoBody(_statusCode);
        if (bodiless && _hasContentType)
            RemoveContentType();
        if (ContentLength is long length && !bodiless)
        {
            Span<byte> digits = stackalloc byte[20];
            Utf8Formatter.TryFormat(length, digits, out int written);
            AppendHeader("Content-Length"u8, digits[..written]);
        }

        HeadersComposed = true;
        string reason = HttpStatus.ReasonOf(_statusCode);
        Span<byte> status = stackalloc byte["Status: 200 "u8.Length + 40];
        "Status: "u8.CopyTo(status);
        Utf8Formatter.TryFormat(_statusCode, status[8..], out _);
        status[11] = (byte)' ';
        int statusLength = 12 + Encoding.ASCII.GetBytes(reason, status[12..]);
        _body.WriteHeaderBlock(status[..statusLength], _headers.AsSpan(0, _headersLength));
        _body.ExpectBody(bodiless || _request.Method.SequenceEqual("HEAD"u8) ? BodyRule.Discard : BodyRule.Send, bodiless ? null : ContentLength);
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
