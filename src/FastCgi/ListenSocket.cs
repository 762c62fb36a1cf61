using System;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>The socket fronts connect to: inherited from the web server that started this program, or bound by it.</summary>
public sealed class ListenSocket : IDisposable
{
    private readonly string? _ownPath;

    private ListenSocket(Socket socket, string description, string? ownPath = null)
    {
        Socket = socket;
        Description = description;
        _ownPath = ownPath;
    }

    /// <summary>Where fronts connect to, for a log line.</summary>
    public string Description { get; }

    internal Socket Socket { get; }

    /// <summary>
    /// Takes the listening socket from descriptor 0, where a web server leaves it for the program it starts (FastCGI 1.0 §2.2),
    /// and puts /dev/null there.
    /// </summary>
    /// <exception cref="IOException">Descriptor 0 is not a listening socket.</exception>
    public static ListenSocket Inherit()
    {
        int descriptor = LibC.TakeStandardInput();
        if (descriptor < 0)
            throw new IOException($"descriptor 0 cannot be used: {Marshal.GetPInvokeErrorMessage(-descriptor)}");
        try
        {
            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0)
                return new ListenSocket(socket, "descriptor 0");
            socket.Dispose();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NotSocket)
        {
        }
        throw new IOException("descriptor 0 is not a listening socket");
    }

    /// <summary>
    /// Binds a Unix socket. A socket left behind by a program that no longer runs is replaced; one that answers, or anything
    /// else at that path, is left alone.
    /// </summary>
    /// <param name="path">The socket's path, at most 107 bytes (unix(7)).</param>
    /// <param name="mode">Its permissions, set before the first front can connect.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <exception cref="IOException">The path cannot be used; the message has it and the system's reason.</exception>
    public static ListenSocket BindUnix(string path, UnixFileMode mode, int backlog)
    {
        UnixDomainSocketEndPoint endPoint = EndPointFor(path);
        RemoveStale(path, endPoint);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
            File.SetUnixFileMode(path, mode);
            socket.Listen(backlog);
            return new ListenSocket(socket, $"unix:{path}", path);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw Unusable(path, e);
        }
    }

    /// <summary>Stops listening, and removes the socket's path if this program made it.</summary>
    public void Dispose()
    {
        Socket.Dispose();
        if (_ownPath is not null)
            File.Delete(_ownPath);
    }

    private static UnixDomainSocketEndPoint EndPointFor(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (Exception e) when (e is ArgumentException or PlatformNotSupportedException)
        {
            throw new IOException($"cannot listen on \"{path}\": a socket's path has 1 to 107 bytes (unix(7))", e);
        }
    }

    /// <summary>Only a socket that refuses connections is stale: unlinking without asking would steal a running program's.</summary>
    private static void RemoveStale(string path, UnixDomainSocketEndPoint endPoint)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException) when (!File.Exists(path))
        {
            return;
        }
        catch (SocketException e)
        {
            // connect(2) is refused by a stale socket, and also by a plain file: that is somebody's.
            if (e.SocketErrorCode != SocketError.ConnectionRefused || !LibC.IsSocket(path))
                throw Unusable(path, e);
            Delete(path);
            return;
        }
        throw new IOException($"cannot listen on {path}: another program is listening there");
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, e);
        }
    }

    private static IOException Unusable(string path, Exception reason) =>
        new($"cannot listen on {path}: {(reason as SocketException)?.Message ?? reason.Message}", reason);
}
