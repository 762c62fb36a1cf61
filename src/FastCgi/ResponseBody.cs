using System;
using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>
/// A PipeWriter that lets the handler write straight into STDOUT records (<see cref="RecordBuffers"/>) and keeps what the
/// header promised: no body where there is none, and as many bytes as Content-Length says.
/// </summary>
/// <remarks>
/// What it does not do: send by itself. A handler that writes more than ServerLimits.MaxUnflushedBytes without flushing fails.
/// </remarks>
internal sealed partial class ResponseBody : PipeWriter
{
    private const int LeastAside = 4 * 1024;

    private readonly FastCgiRequest _request;
    private readonly ServerLimits _limits;
    private readonly RecordBuffers _buffers = new();
    private readonly bool _standsIn; // for the handler's own, of an abandoned request
    private byte[]? _aside; // for a caller that wants more at once than a record holds, or whose bytes are dropped
    private BodyRule _rule;
    private long? _declared;
    private long _written;
    private int _flushes;
    private byte[] _errors = [];
    private int _errorsLength;
    private bool _bodyComesFirst;
    private volatile bool _isWhole;
    private bool _sendsAll; // nothing that is written stays behind the send under way
    private bool _ended;

    public ResponseBody(FastCgiRequest request, ServerLimits limits, bool standsIn)
    {
        _standsIn = standsIn;
        _request = request;
        _limits = limits;
    }

    /// <summary>Whether the front has been sent a part of this response.</summary>
    public bool HasSent { get; private set; }

    /// <summary>
    /// Whether what the front has been sent, or is being sent, has all the bytes the header tells of: to a front that counts them (HAProxy)
    /// the response is over then, before its end has come.
    /// </summary>
    public bool IsWhole => _isWhole;

    /// <summary>Asked when it is the turn of its next records: whether they may go out. An abandoned request's end is said without its handler.</summary>
    public bool TakesTurn()
    {
        bool may = _standsIn || !_request.IsAbandoned;
        HasSent |= may;
        if (may && _sendsAll && (_rule == BodyRule.Discard || _written == _declared))
            _isWhole = true;
        return may;
    }

    /// <summary>Bytes of body written; none for an answer that has no body.</summary>
    public long BodyBytes => _rule == BodyRule.Send ? _written : 0;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _buffers.Content;

    public void Begin()
    {
        DropUnsent();
        HasSent = false;
        _isWhole = false;
        _ended = false;
        _rule = BodyRule.Send;
        _declared = null;
        _written = 0;
        _flushes = 0;
        _errorsLength = 0;
        _bodyComesFirst = _request.Role == Role.Filter; // §6.4: it finishes STDIN before it writes
    }

    public void ExpectBody(BodyRule rule, long? declared)
    {
        _rule = rule;
        _declared = declared;
    }

    /// <summary>
    /// Writes the CGI header in one piece, so that it stands in one record (OpenBSD's httpd wants that), and in a short one: HAProxy before
    /// 2.6.14 takes a record that is longer than its buffer (16 KiB) in parts, and a part of a header ends it ("c_empty(ic)").
    /// </summary>
    public void WriteHeaderBlock(int statusCode, ReadOnlySpan<byte> fields)
    {
        ReadOnlySpan<byte> reason = HttpStatus.ReasonOf(statusCode);
        int length = "Status: 200 \r\n\r\n"u8.Length + reason.Length + fields.Length;
        Span<byte> block = Room(length).Span;
        "Status: "u8.CopyTo(block);
        Utf8Formatter.TryFormat(statusCode, block["Status: "u8.Length..], out _);
        block = block["Status: 200"u8.Length..];
        block[0] = (byte)' ';
        reason.CopyTo(block[1..]);
        block = block[(1 + reason.Length)..];
        "\r\n"u8.CopyTo(block);
        fields.CopyTo(block[2..]);
        "\r\n"u8.CopyTo(block[(2 + fields.Length)..]);
        _buffers.Advance(length);
        if (IsLong || length > RecordBuffers.OwnBuffer - RecordBuffers.Overhead)
            _buffers.EndRecord(_request.Id);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfEnded();
        if (_rule != BodyRule.Send || sizeHint > RecordBuffers.MaxContent)
            return Aside(sizeHint);
        DropAside();
        return Room(Math.Max(sizeHint, 1));
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ThrowIfEnded();
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (_written + bytes > _declared)
            throw new InvalidOperationException($"the body is longer than its Content-Length of {_declared}");
        _written += bytes;
        if (_aside is byte[] aside)
        {
            _aside = null;
            if (_rule == BodyRule.Send)
                CopyIn(aside.AsSpan(0, bytes));
            ArrayPool<byte>.Shared.Return(aside);
            return;
        }
        _buffers.Advance(bytes);
    }

    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        // Record by record, so that a long source does not have to fit into MaxUnflushedBytes.
        const int record = RecordBuffers.MaxContent;
        while (source.Length > record)
        {
            this.Write(source.Span[..record]);
            source = source[record..];
            FlushResult flushed = await FlushAsync(cancellationToken).ConfigureAwait(false);
            if (flushed.IsCompleted)
                return flushed;
        }
        this.Write(source.Span);
        return await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void CancelPendingFlush() =>
        throw new NotSupportedException("a record that is being sent cannot be taken back");

    /// <summary>The handler's own way to say that it has written all; the response still ends when the handler returns.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (exception is not null)
            throw exception;
    }

    /// <summary>Keeps text for STDERR until the response's end.</summary>
    public void WriteError(ReadOnlySpan<byte> text)
    {
        ThrowIfEnded();
        text = text[..Math.Min(text.Length, _limits.MaxErrorBytes - _errorsLength)];
        if (_errorsLength + text.Length > _errors.Length)
            Array.Resize(ref _errors, _errorsLength + text.Length);
        text.CopyTo(_errors.AsSpan(_errorsLength));
        _errorsLength += text.Length;
    }

    /// <summary>Forgets what was written and not sent.</summary>
    public void DropUnsent()
    {
        _buffers.Drop();
        DropAside();
    }

    /// <summary>Whether the response is known not to fit into the first buffer.</summary>
    private bool IsLong => HasSent || (_rule == BodyRule.Send && _declared > RecordBuffers.OwnBuffer);

    /// <exception cref="InvalidOperationException">The handler writes and writes and does not flush.</exception>
    private Memory<byte> Room(int size)
    {
        if (UnflushedBytes > _limits.MaxUnflushedBytes)
            throw new InvalidOperationException($"more than {_limits.MaxUnflushedBytes} bytes were written without a flush");
        return _buffers.Room(size, _request.Id, IsLong);
    }

    private Memory<byte> Aside(int sizeHint)
    {
        if (_aside is null || _aside.Length < sizeHint)
        {
            DropAside();
            _aside = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, LeastAside));
        }
        return _aside;
    }

    private void CopyIn(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = Room(1).Span;
            int part = Math.Min(room.Length, bytes.Length);
            bytes[..part].CopyTo(room);
            _buffers.Advance(part);
            bytes = bytes[part..];
        }
    }

    private void ThrowIfEnded()
    {
        if (_ended)
            throw new InvalidOperationException("the response has ended");
    }

    private void DropAside()
    {
        if (_aside is not null)
            ArrayPool<byte>.Shared.Return(_aside);
        _aside = null;
    }
}
