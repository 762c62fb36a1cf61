using System;

namespace FastCgi.Tests.Harness;

/// <summary>What the front does.</summary>
internal sealed partial class MemoryTransport
{
    public void Deliver(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (Refuses)
                return;
            _toServer.Append(bytes);
        }
        ResumeReceive();
    }

    /// <summary>What the front does is noticed later, as by a loop that is busy with other connections.</summary>
    public void HoldBack() => _heldBack = true;

    /// <summary>It is noticed now.</summary>
    public void NoticeAll()
    {
        _heldBack = false;
        ResumeReceive();
    }

    /// <summary>The front has sent all it will, and still reads.</summary>
    public void HalfClose()
    {
        lock (_gate)
            _ended = true;
        ResumeReceive();
    }

    /// <summary>The front closes its socket.</summary>
    public void Close()
    {
        lock (_gate)
            _ended = _gone = true;
        _receive.CompleteIf(true, 0);
        _send.CompleteIf(true, -1);
    }

    /// <summary>Changes how many bytes may wait to be read.</summary>
    public void SetWindow(int bytes)
    {
        Window = bytes;
        Resume();
    }

    /// <summary>Hands what the server has sent to the reader and makes room for more.</summary>
    public int Take(Action<ReadOnlyMemory<byte>> reader)
    {
        byte[] taken;
        lock (_gate)
            taken = _toFront.TakeAll();
        if (taken.Length > 0)
            reader(taken);
        Resume();
        return taken.Length;
    }

    /// <summary>The front reads as much as fits, and makes room for more.</summary>
    public int TakeInto(Span<byte> destination)
    {
        int taken;
        lock (_gate)
            taken = _toFront.TakeInto(destination);
        if (taken > 0)
            Resume();
        return taken;
    }

    public void DropOutput()
    {
        lock (_gate)
            _toFront.Clear();
        Resume();
    }
}
