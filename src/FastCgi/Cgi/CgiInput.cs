using System;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>The request as it is received: its head, then standard input in STDIN records, never more of it than the body's length.</summary>
/// <remarks>
/// Also what is left of the body when the answer is complete, within the bounds of lingering: BusyBox httpd would close with it unread,
/// and the client could lose the answer.
/// </remarks>
internal sealed class CgiInput(CgiTransport transport, CgiRequest request, int descriptor) : SocketOperation, IReadinessTarget
{
    private const int EndOfStream = 0;

    private ReadOnlyMemory<byte> _head = request.Head;
    private long _bodyLeft = request.BodyLength;
    private bool _bodyEnded;
    private bool _watched;

    protected override bool MayTrustNextChange => false; // it tells of bytes in the pipe, not of the head

    void IReadinessTarget.OnReady(Readiness readiness) => OnReady();

    protected override int Try(Span<byte> buffer)
    {
        if (transport.IsBroken)
            return Broken;
        if (!_head.IsEmpty)
            return TakeHead(buffer);
        if (_bodyLeft > 0)
            return TryBody(buffer);
        if (!_bodyEnded)
            return EndBody(buffer);
        return transport.IsFinished ? EndOfStream : LibC.WouldBlock;
    }

    protected override void WatchSocket(bool anew)
    {
        if (!_watched && _bodyLeft > 0)
            _watched = transport.TryWatch(descriptor, this, Readiness.Input | Readiness.InputEnd | Readiness.OnChangeOnly);
    }

    private int TakeHead(Span<byte> buffer)
    {
        int length = Math.Min(_head.Length, buffer.Length);
        _head.Span[..length].CopyTo(buffer);
        _head = _head[length..];
        return length;
    }

    private int TryBody(Span<byte> buffer)
    {
        int most = (int)Math.Min(Math.Min(buffer.Length - RecordHeader.Length, RecordHeader.MaxContentLength), _bodyLeft);
        int read = LibC.ReadIfReady(descriptor, buffer.Slice(RecordHeader.Length, most));
        if (read is LibC.WouldBlock or LibC.Interrupted)
            return LibC.WouldBlock;
        if (read <= 0)
            return EndBody(buffer); // what cannot be read is missing, and the engine knows what follows from that
        _bodyLeft -= read;
        return CgiRequest.WriteBody(buffer, read);
    }

    private int EndBody(Span<byte> buffer)
    {
        _bodyLeft = 0;
        _bodyEnded = true;
        return CgiRequest.WriteBody(buffer, 0);
    }
}
