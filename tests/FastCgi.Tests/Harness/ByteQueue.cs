using System;

namespace FastCgi.Tests.Harness;

/// <summary>Bytes on their way, first in, first out; allocates only to grow.</summary>
internal sealed class ByteQueue
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _start;

    public int Length { get; private set; }

    public void Clear() => _start = Length = 0;

    public void Append(ReadOnlySpan<byte> more)
    {
        if (_start + Length + more.Length > _bytes.Length)
        {
            byte[] target = Length + more.Length > _bytes.Length ? new byte[Math.Max(_bytes.Length * 2, Length + more.Length)] : _bytes;
            Buffer.BlockCopy(_bytes, _start, target, 0, Length);
            _bytes = target;
            _start = 0;
        }
        more.CopyTo(_bytes.AsSpan(_start + Length));
        Length += more.Length;
    }

    public int TakeInto(Span<byte> destination)
    {
        int taken = Math.Min(destination.Length, Length);
        _bytes.AsSpan(_start, taken).CopyTo(destination);
        _start += taken;
        Length -= taken;
        if (Length == 0)
            _start = 0;
        return taken;
    }

    public byte[] TakeAll()
    {
        byte[] all = _bytes.AsSpan(_start, Length).ToArray();
        Clear();
        return all;
    }
}
