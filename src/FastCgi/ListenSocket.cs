using System;
using System.IO;
using System.Text;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>The socket fronts connect to: inherited from the web server that started this program, or bound by it.</summary>
public sealed class ListenSocket : IDisposable
{
    private const int LongestPath = 107; // sockaddr_un.sun_path less its NUL, unix(7)

    private string? _ownPath;
    private int _descriptor;

    private ListenSocket(int descriptor, string description)
    {
        _descriptor = descriptor;
        Description = description;
    }

    /// <summary>Where fronts connect to, for a log line.</summary>
    public string Description { get; }

    internal int Descriptor => _descriptor;

    /// <summary>
    /// Takes the listening socket from descriptor 0, where a web server leaves it for the program it starts (FastCGI 1.0 §2.2),
    /// and puts /dev/null there.
    /// </summary>
    /// <exception cref="IOException">Descriptor 0 is not a listening socket.</exception>
    public static ListenSocket Inherit()
    {
        LibC.FillStandardDescriptors();
        if (!LibC.IsListening(0))
            throw new IOException("descriptor 0 is not a listening socket: a web server hands one over, --listen makes one");
        int descriptor = LibC.TakeStandardInput();
        int ready = descriptor < 0 ? descriptor : LibC.MakeNonBlocking(descriptor);
        if (ready < 0)
            throw new IOException($"the listening socket on descriptor 0 cannot be used: {LibC.Describe(ready)}");
        return new ListenSocket(descriptor, "descriptor 0");
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
        LibC.FillStandardDescriptors();
        byte[] address = AddressOf(path);
        RemoveStale(path, address);

        var socket = new ListenSocket(Usable(path, LibC.UnixSocket()), $"unix:{path}");
        try
        {
            Usable(path, LibC.Bind(socket._descriptor, address));
            socket._ownPath = path;
            Usable(path, LibC.ChangeMode(path, mode)); // nobody can connect before it listens
            Usable(path, LibC.StartListening(socket._descriptor, backlog));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Stops listening, and removes the socket's path if this program made it.</summary>
    public void Dispose()
    {
        if (_descriptor < 0)
            return;
        // While it still listens, so that a successor cannot have taken the path already. If somebody else has removed it: so be it.
        if (_ownPath is not null)
            _ = LibC.Unlink(_ownPath);
        LibC.CloseDescriptor(_descriptor);
        _descriptor = -1;
    }

    /// <summary>Only a socket that refuses connections is stale: unlinking without asking would steal a running program's.</summary>
    private static void RemoveStale(string path, byte[] address)
    {
        int probe = Usable(path, LibC.UnixSocket()); // not blocking: the backlog of a program that hangs may be full
        int connected = LibC.Connect(probe, address);
        LibC.CloseDescriptor(probe);
        if (connected is >= 0 or LibC.WouldBlock)
            throw new IOException($"cannot listen on {path}: another program is listening there");
        if (connected == LibC.NotFound)
            return;
        // connect(2) is refused by a stale socket, and also by a plain file: that is somebody's.
        if (connected == LibC.ConnectionRefused && !LibC.IsSocket(path))
            throw new IOException($"cannot listen on {path}: something that is not a socket is there");
        if (connected != LibC.ConnectionRefused)
            Usable(path, connected);
        int removed = LibC.Unlink(path);
        if (removed < 0 && removed != LibC.NotFound)
            throw new IOException($"cannot listen on {path}: the socket left there cannot be removed: {LibC.Describe(removed)}");
    }

    /// <summary>struct sockaddr_un: the family AF_UNIX = 1 in the machine's byte order, then the path and a NUL.</summary>
    private static byte[] AddressOf(string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length is 0 or > LongestPath)
            throw new IOException($"cannot listen on \"{path}\": a socket's path has 1 to {LongestPath} bytes, not {bytes.Length}");
        byte[] address = new byte[sizeof(ushort) + bytes.Length + 1];
        BitConverter.TryWriteBytes(address, (ushort)1);
        bytes.CopyTo(address, sizeof(ushort));
        return address;
    }

    private static int Usable(string path, int result) =>
        result >= 0 ? result : throw new IOException($"cannot listen on {path}: {LibC.Describe(result)}");
}
