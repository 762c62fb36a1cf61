using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>The socket fronts connect to: inherited from the web server that started this program, or bound by it.</summary>
public sealed class ListenSocket : IDisposable
{
    private const int LongestPath = 107; // sockaddr_un.sun_path less its NUL, unix(7)

    private const string ThisProgram = "/proc/self/exe";
    private const string Deleted = " (deleted)"; // what the kernel adds to the name of a file that is gone, d_path

    private string? _ownPath;
    private int _descriptor;

    private ListenSocket(int descriptor, string description, bool isTcp)
    {
        _descriptor = descriptor;
        Description = description;
        IsTcp = isTcp;
    }

    /// <summary>Where fronts connect to, for a log line.</summary>
    public string Description { get; }

    internal int Descriptor => _descriptor;

    internal bool IsTcp { get; }

    /// <summary>The descriptor on which somebody left it for this program; null for one that it made.</summary>
    internal int? InheritedOn { get; private init; }

    /// <summary>Open connections that were left with it, until somebody serves them.</summary>
    internal IReadOnlyList<int> Connections { get; set; } = [];

    /// <summary>
    /// Takes the listening socket that whoever started this program left for it: a service manager on descriptor 3, saying so in
    /// LISTEN_PID and LISTEN_FDS (sd_listen_fds(3)), which are removed; or a web server on descriptor 0 (FastCGI 1.0 §2.2), where
    /// /dev/null is put.
    /// </summary>
    /// <exception cref="IOException">There is no listening socket on that descriptor, or there are several.</exception>
    public static ListenSocket Inherit()
    {
        LibC.FillStandardDescriptors();
        int descriptor = SocketActivation.IsForThisProcess ? SocketActivation.TheOneDescriptor() : 0;
        string name = $"descriptor {descriptor}";
        if (!LibC.IsListening(descriptor))
            throw new IOException($"{name} is not a listening socket: a web server or a service manager hands one over");
        int taken = descriptor == 0 ? LibC.TakeStandardInput() : LibC.CloseInChildren(descriptor);
        int ready = taken < 0 ? taken : LibC.MakeNonBlocking(taken);
        if (ready < 0)
            throw new IOException($"the listening socket on {name} cannot be used: {LibC.Describe(ready)}");
        TcpAddress? tcp = TcpAddressOf(taken);
        if (tcp is not null)
            LibC.SendAtOnce(taken);
        return new ListenSocket(taken, tcp is null ? name : $"{name}, tcp:{tcp}", isTcp: tcp is not null)
        {
            InheritedOn = descriptor,
            Connections = KeptConnections.Take(),
        };
    }

    /// <summary>Binds a TCP socket.</summary>
    /// <param name="address">Where to listen. Who may connect is said by FCGI_WEB_SERVER_ADDRS; without it, only this device.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <exception cref="IOException">The address cannot be used; the message has it and the system's reason.</exception>
    public static ListenSocket BindTcp(TcpAddress address, int backlog)
    {
        LibC.FillStandardDescriptors();
        string name = $"tcp:{address}";
        int descriptor = Usable(name, LibC.TcpSocket(address.Family));
        try
        {
            Usable(name, LibC.AllowReuse(descriptor));
            Usable(name, LibC.SendAtOnce(descriptor));
            Usable(name, LibC.Bind(descriptor, address.ToSocketAddress()));
            Usable(name, LibC.StartListening(descriptor, backlog));
            return new ListenSocket(descriptor, $"tcp:{TcpAddressOf(descriptor)}", isTcp: true); // asked for: the system may have chosen the port
        }
        catch
        {
            LibC.CloseDescriptor(descriptor);
            throw;
        }
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

        var socket = new ListenSocket(Usable(path, LibC.UnixSocket()), $"unix:{path}", isTcp: false);
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

    /// <summary>
    /// Starts this process's program anew, in the same process, with its arguments, its environment, and this socket where it was found:
    /// fronts that connect meanwhile wait in the socket's queue, and whoever started the program notices nothing. A program that was
    /// replaced by another version is that one from now on.
    /// </summary>
    /// <remarks>The environment has nothing of a client: what one says is in requests alone, and a CGI program serves no socket.</remarks>
    /// <param name="connections">Open ones that are left to it too.</param>
    /// <param name="unless">Asked last; when true, this returns.</param>
    /// <exception cref="IOException">It cannot be; the message has the reason.</exception>
    internal void StartProgramAnew(IReadOnlyList<int> connections, Func<bool> unless)
    {
        byte[] arguments = File.ReadAllBytes("/proc/self/cmdline");
        byte[] environment = KeptConnections.AddTo(File.ReadAllBytes("/proc/self/environ"), connections);
        string path = LibC.ReadLink(ThisProgram);
        if (path.EndsWith(Deleted, StringComparison.Ordinal))
            path = path[..^Deleted.Length];
        if (unless())
            return;
        foreach (int connection in connections)
            LibC.KeepAs(connection, connection);
        int error = LibC.KeepAs(_descriptor, InheritedOn!.Value);
        if (error >= 0)
            error = LibC.Execute(path, arguments, environment);
        if (error == LibC.NotFound)
            error = LibC.Execute(ThisProgram, arguments, environment); // under the name of "exe", but running
        throw new IOException($"{path} cannot be started: {LibC.Describe(error)}");
    }

    /// <summary>Removes the socket's path if this program made it: nobody else comes, and who waits in the queue can still be accepted.</summary>
    internal void RemovePath()
    {
        // While it still listens, so that a successor cannot have taken the path already. If somebody else has removed it: so be it.
        if (_ownPath is not null)
            _ = LibC.Unlink(_ownPath);
        _ownPath = null;
    }

    /// <summary>Stops listening, and removes the socket's path if this program made it.</summary>
    public void Dispose()
    {
        if (_descriptor < 0)
            return;
        RemovePath();
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

    /// <summary>Null when the socket is not TCP's.</summary>
    private static TcpAddress? TcpAddressOf(int descriptor)
    {
        Span<byte> address = stackalloc byte[LibC.LongestInternetAddress];
        return LibC.AddressOf(descriptor, address) < 0 ? null : TcpAddress.Read(address);
    }

    private static int Usable(string path, int result) =>
        result >= 0 ? result : throw new IOException($"cannot listen on {path}: {LibC.Describe(result)}");
}
