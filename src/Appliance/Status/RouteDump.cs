using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Status;

/// <summary>All that the kernel has of one kind, such as its neighbours, message by message; rtnetlink(7).</summary>
internal sealed class RouteDump : IDisposable
{
    private const int BlockLength = 16 * 1024; // the kernel fills as much as there is room, at least 4 KiB

    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(BlockLength);
    private readonly int _socket;
    private int _start; // of what was not handed out yet
    private int _end;
    private bool _isInterrupted;
    private bool _isAtEnd;

    private RouteDump(int socket) => _socket = socket;

    /// <summary>−errno of what could not be asked or was not answered; 0 when there was no such thing.</summary>
    public int Error { get; private set; }

    /// <summary>Asks; <see cref="Error"/> says whether that was possible.</summary>
    /// <param name="question">RTM_GETLINK, RTM_GETNEIGH ….</param>
    /// <param name="body">That belongs to it.</param>
    public static RouteDump Of<TBody>(ushort question, TBody body)
        where TBody : struct
    {
        RouteDump dump = new(LibC.OpenRouteSocket());
        Span<byte> message = stackalloc byte[Unsafe.SizeOf<RouteMessage.Header>() + Unsafe.SizeOf<TBody>()];
        MemoryMarshal.Write(message, new RouteMessage.Header
        {
            Length = (uint)message.Length,
            Type = question,
            Flags = RouteMessage.Request | RouteMessage.All,
        });
        MemoryMarshal.Write(message[Unsafe.SizeOf<RouteMessage.Header>()..], body);
        int asked = dump._socket < 0 ? dump._socket : LibC.Ask(dump._socket, message);
        if (asked < 0)
            dump.End(asked);
        return dump;
    }

    /// <summary>The next message's content, valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!_isAtEnd && _start == _end)
            Fill();
        if (_isAtEnd)
            return false;
        ReadOnlySpan<byte> messages = _block.AsSpan(_start.._end);
        if (!RouteMessage.TryCut(ref messages, out RouteMessage.Header header, out content))
            return End(LibC.Failed);
        _start = _end - messages.Length;
        _isInterrupted |= (header.Flags & RouteMessage.Interrupted) != 0;
        if (header.Type is RouteMessage.Done or RouteMessage.Error)
        {
            int result = MemoryMarshal.TryRead(content, out int error) ? error : 0;
            return End(result < 0 ? result : _isInterrupted ? LibC.Interrupted : 0);
        }
        return true;
    }

    public void Dispose()
    {
        if (_socket >= 0)
            LibC.CloseDescriptor(_socket);
        ArrayPool<byte>.Shared.Return(_block);
    }

    private void Fill()
    {
        int taken = LibC.Take(_socket, _block);
        _start = 0;
        _end = Math.Clamp(taken, 0, _block.Length);
        if (taken <= 0 || taken > _block.Length)
            End(taken > 0 ? LibC.MessageTooLong : taken < 0 ? taken : LibC.Failed);
    }

    private bool End(int error)
    {
        Error = error;
        _isAtEnd = true;
        return false;
    }
}
