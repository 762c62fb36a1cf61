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

    private readonly Func<int, SocketConnection> _make;
    private readonly ServerCounters _counters;
    private readonly List<SocketConnection> _open = [];
    private readonly Stack<SocketConnection> _free = new();
    private readonly Lock _gate = new();
    private int _count;
    private long _opened;
    private int _generation;
    private long _bytesReceived;
    private long _bytesSent;

    public ConnectionSet(EventLoop loop, RequestDispatcher dispatcher)
    {
        _make = generation => new SocketConnection(loop, dispatcher) { Generation = generation };
        _counters = dispatcher.Counters;
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>The sockets of the open connections.</summary>
    public IReadOnlyList<int> Descriptors
    {
        get
        {
            lock (_gate)
                return _open.ConvertAll(static connection => connection.Transport.Descriptor);
        }
    }

    public SocketConnection Open(int descriptor)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out SocketConnection? connection))
                connection = _make(_generation);
            connection.Transport.Open(descriptor);
            connection.Index = _open.Count;
            connection.Connection.Number = ++_opened;
            _open.Add(connection);
            _count = _open.Count;
            if (_count > _counters.MostConnections)
                _counters.MostConnections = _count;
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
            if (_free.Count < MaxFree && connection.Generation == _generation)
                _free.Push(connection);
            else
                Retire(connection.Connection);
        }
    }

    /// <summary>Connections made from now on follow the dispatcher's limits of now; those that are open are not used again.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            _generation++;
            while (_free.TryPop(out SocketConnection? connection))
                Retire(connection.Connection);
        }
    }

    /// <summary>How many connections have open requests, and the bytes of all there ever were.</summary>
    public (int Active, long BytesReceived, long BytesSent) Measure()
    {
        lock (_gate)
        {
            int active = 0;
            long received = _bytesReceived;
            long sent = _bytesSent;
            foreach (SocketConnection connection in _open)
            {
                active += connection.Connection.IsIdle ? 0 : 1;
                received += connection.Connection.BytesReceived;
                sent += connection.Connection.BytesSent;
            }
            foreach (SocketConnection connection in _free)
            {
                received += connection.Connection.BytesReceived;
                sent += connection.Connection.BytesSent;
            }
            return (active, received, sent);
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

    /// <summary>Whether something holds of every open connection.</summary>
    public bool All(Predicate<FastCgiConnection> condition)
    {
        lock (_gate)
        {
            foreach (SocketConnection connection in _open)
            {
                if (!condition(connection.Connection))
                    return false;
            }
            return true;
        }
    }

    /// <summary>What a connection has counted stays when it goes.</summary>
    private void Retire(FastCgiConnection connection)
    {
        _bytesReceived += connection.BytesReceived;
        _bytesSent += connection.BytesSent;
    }
}

/// <summary>A connection and the socket under it.</summary>
internal sealed class SocketConnection
{
    public SocketConnection(EventLoop loop, RequestDispatcher dispatcher)
    {
        Transport = new SocketTransport(loop);
        Connection = new FastCgiConnection(Transport, dispatcher);
    }

    public SocketTransport Transport { get; }

    public FastCgiConnection Connection { get; }

    /// <summary>How often the limits had changed when it was made.</summary>
    public int Generation { get; init; }

    /// <summary>Its place in the list of open connections.</summary>
    public int Index { get; set; }
}
