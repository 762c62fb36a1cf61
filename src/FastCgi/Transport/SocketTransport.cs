using System;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace FastCgi.Transport;

/// <summary>A connection over a socket. Reused for one socket after the other.</summary>
internal sealed class SocketTransport : ITransport, IDisposable
{
    private readonly SocketOperation _receive = new();
    private readonly SocketOperation _send = new();
    private Socket? _socket;

    public void Open(Socket socket) => _socket = socket;

    /// <summary>Closes the socket; only when no operation is under way any more.</summary>
    public void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return _receive.ReceiveAsync(_socket!, buffer);
        }
        catch (ObjectDisposedException)
        {
            return new ValueTask<int>(SocketOperation.Broken);
        }
    }

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return _send.SendAsync(_socket!, bytes);
        }
        catch (ObjectDisposedException)
        {
            return new ValueTask<int>(SocketOperation.Broken);
        }
    }

    public bool PeerHasGone()
    {
        try
        {
            return LibC.HasHungUp(_socket!.SafeHandle);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    public void FinishSending()
    {
        try
        {
            _socket!.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was quicker: there is nobody left to tell.
        }
    }

    public void Abort() => _socket?.Dispose();

    public void Dispose()
    {
        Close();
        _receive.Dispose();
        _send.Dispose();
    }
}
