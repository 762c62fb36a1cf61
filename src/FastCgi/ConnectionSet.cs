using System;
using System.Collections.Generic;
using System.Threading;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// The connections that are open, and a few closed ones to be used again: with one connection per request making them
/// anew would be all of the garbage.
/// </summary>
internal sealed class ConnectionSet
{
    private const int MaxFree = 32; // arbitrary: some kilobytes each; more at once than this is a burst

    private readonly Func<SocketConnection> _make;
    private readonly List<SocketConnection> _open = [];
    private readonly Stack<SocketConnection> _free = new();
    private readonly Lock _gate = new();
    private int _count;

    public ConnectionSet(EventLoop loop, RequestDispatcher dispatcher, IServerLog log) =>
        _make = () => new SocketConnection(loop, dispatcher, log);

    public int Count => Volatile.Read(ref _count);

    public SocketConnection Open(int descriptor)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out SocketConnection? connection))
                connection = _make();
            connection.Transport.Open(descriptor);
            connection.Index = _open.Count;
            _open.Add(connection);
            _count = _open.Count;
            return connection;
        }
    }

    /// <summary>Closes a connection that has been served.</summary>
    public void Close(SocketConnection connection)
    {
        lock (_gate)
        {
            SocketConnection last = _open[^1];
            _open[connection.Index] = last;
            last.Index = connection.Index;
            _open.RemoveAt(_open.Count - 1);
            _count = _open.Count;

            connection.Transport.Close();
            if (_free.Count < MaxFree)
                _free.Push(connection);
        }
    }

    /// <summary>Does something to every open connection. Under the lock, so that none is reused for another front meanwhile.</summary>
    public void ForEach(Action<FastCgiConnection> action)
    {
        lock (_gate)
        {
            foreach (SocketConnection connection in _open)
                action(connection.Connection);
        }
    }
}

/// <summary>A connection and the socket under it.</summary>
internal sealed class SocketConnection
{
    public SocketConnection(EventLoop loop, RequestDispatcher dispatcher, IServerLog log)
    {
        Transport = new SocketTransport(loop);
        Connection = new FastCgiConnection(Transport, dispatcher, log);
    }

    public SocketTransport Transport { get; }

    public FastCgiConnection Connection { get; }

    /// <summary>Its place in the list of open connections.</summary>
    public int Index { get; set; }
}
