using System;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>The answer as it is sent: what its records hold goes to standard output and standard error, without the records.</summary>
internal sealed class CgiOutput(CgiTransport transport, int output, int error) : SocketOperation, IReadinessTarget
{
    // PIPE_BUF: a pipe that is ready takes so much without waiting (pipe(7)). A socket that is ready has room for more.
    private const int MostPerWrite = 4096;

    private RecordType _type;
    private int _contentLeft;
    private int _paddingLeft;
    private bool _watched;

    /// <summary>Whether the end of the request has come through.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether whoever read standard output has closed it.</summary>
    public bool HasNoReader => LibC.HasHungUp(output);

    protected override bool MayTrustNextChange => false;

    /// <summary>Waits for the reader to go, which is always told; a file has none.</summary>
    public void WatchReader() => _watched = transport.TryWatch(output, this, Readiness.OnChangeOnly);

    void IReadinessTarget.OnReady(Readiness readiness)
    {
        if ((readiness & (Readiness.Error | Readiness.HangUp)) != 0)
            transport.LosePeer();
        OnReady();
    }

    protected override void WatchSocket(bool anew)
    {
        if (_watched)
            transport.Watch(output, Readiness.Output | Readiness.OnChangeOnly);
    }

    protected override int Try(Span<byte> buffer)
    {
        if (transport.IsBroken)
            return Broken;
        int used = 0;
        while (used < buffer.Length)
        {
            int taken = Take(buffer[used..]);
            if (taken == LibC.WouldBlock)
                return used > 0 ? used : LibC.WouldBlock;
            if (taken < 0)
            {
                transport.LosePeer();
                return Broken;
            }
            used += taken;
        }
        return used;
    }

    /// <summary>Some of the next bytes: how many, or what write(2) says.</summary>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        if (_contentLeft > 0)
        {
            int written = Write(bytes[..Math.Min(bytes.Length, _contentLeft)]);
            _contentLeft -= Math.Max(written, 0);
            return written;
        }
        if (_paddingLeft > 0)
        {
            int skipped = Math.Min(bytes.Length, _paddingLeft);
            _paddingLeft -= skipped;
            return skipped;
        }
        RecordHeader.TryRead(bytes, out RecordHeader header); // whole: the engine sends whole records
        _type = header.Type;
        _contentLeft = header.ContentLength;
        _paddingLeft = header.PaddingLength;
        HasEnded |= _type == RecordType.EndRequest;
        return RecordHeader.Length;
    }

    private int Write(ReadOnlySpan<byte> content)
    {
        int descriptor = _type switch
        {
            RecordType.Stdout => output,
            RecordType.Stderr => error,
            _ => -1,
        };
        if (descriptor < 0)
            return content.Length;
        int written = LibC.WriteIfReady(descriptor, content[..Math.Min(content.Length, MostPerWrite)]);
        return written == LibC.Interrupted ? LibC.WouldBlock : written;
    }
}
