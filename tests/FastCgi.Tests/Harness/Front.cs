using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace FastCgi.Tests.Harness;

/// <summary>A front server in memory: drives the real connection, dispatcher and handlers, and reads their output strictly.</summary>
internal sealed class Front
{
    /// <summary>Far more than anything here takes, so that a busy machine does not fail a test.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly FastCgiConnection _connection;
    private Transcript _transcript = new();
    private Task _serving;
    private int _read;
    private bool _heldUp; // a front that did not read may be cut off inside a record

    public Front(Handling handle, ServerLimits? limits = null, bool mayBlock = false)
        : this(new Site(handle, mayBlock), limits)
    {
    }

    public Front(IRequestRouter router, ServerLimits? limits = null)
        : this(new MemoryLog(), router, limits ?? new ServerLimits())
    {
    }

    /// <summary>The only connection of a server with a log of its own.</summary>
    public Front(RequestDispatcher dispatcher)
        : this(new MemoryLog(), dispatcher)
    {
    }

    private Front(MemoryLog log, IRequestRouter router, ServerLimits limits)
        : this(log, new RequestDispatcher(router, limits, log))
    {
    }

    private Front(MemoryLog log, RequestDispatcher dispatcher)
    {
        // Servers have none; the one of the test runner would catch what the server means for the thread pool.
        SynchronizationContext.SetSynchronizationContext(null);
        Log = log;
        Dispatcher = dispatcher;
        _connection = new FastCgiConnection(Transport, dispatcher);
        _serving = _connection.ServeAsync();
    }

    public MemoryTransport Transport { get; } = new();

    public MemoryLog Log { get; }

    public RequestDispatcher Dispatcher { get; }

    public FastCgiConnection Connection => _connection;

    public bool IsClosed => _serving.IsCompleted;

    /// <summary>False for a front that does not read what it is sent.</summary>
    public bool Reads { get; private set; } = true;

    public Transcript Output
    {
        get
        {
            Read();
            return _transcript;
        }
    }

    /// <summary>Another connection to the same server.</summary>
    public Front Beside() => new(Log, Dispatcher);

    public Front Send(byte[] bytes)
    {
        Transport.Deliver(bytes);
        return this;
    }

    public Front SendSplit(byte[] bytes, params int[] offsets)
    {
        int start = 0;
        foreach (int offset in offsets)
        {
            Transport.Deliver(bytes.AsSpan(start, offset - start));
            start = offset;
        }
        return Send(bytes[start..]);
    }

    public Front SendByteByByte(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
            Transport.Deliver(bytes.AsSpan(i, 1));
        return this;
    }

    /// <summary>Lets at most so many bytes wait and reads none of them.</summary>
    public Front StopReading(int window = 0)
    {
        Reads = false;
        _heldUp = true;
        Transport.SetWindow(window);
        return this;
    }

    public Front StartReading()
    {
        Reads = true;
        Transport.SetWindow(int.MaxValue);
        return this;
    }

    /// <summary>The next request to end.</summary>
    public Reply Reply()
    {
        WaitFor(() => Output.Ended.Count > _read || IsClosed, "an END_REQUEST");
        if (Output.Ended.Count <= _read)
            Fail("the connection was closed without an END_REQUEST");
        return _transcript.Ended[_read++];
    }

    public Reply Ask(byte[] request) => Send(request).Reply();

    /// <summary>Waits until the server has closed, as a front that closes itself when it is told to.</summary>
    public Front WaitForClose()
    {
        WaitFor(() => IsClosed || Transport.SendingFinished, "the connection's close");
        if (!IsClosed)
            Transport.Close();
        WaitFor(() => IsClosed, "the connection's close");
        Assert.True(Output.EndsWithWholeRecord || _heldUp, "the output ends inside a record");
        Assert.True(_serving.IsCompletedSuccessfully, $"{_serving.Exception}");
        return this;
    }

    public void Close()
    {
        Transport.Close();
        WaitForClose();
    }

    /// <summary>The server's connection object serves another connection, as it does when one is closed.</summary>
    public Front Reconnect()
    {
        Assert.True(IsClosed);
        Transport.Reopen();
        _transcript = new Transcript();
        _read = 0;
        _heldUp = false;
        _serving = _connection.ServeAsync();
        return this;
    }

    /// <summary>What the server does about time, so many seconds from now.</summary>
    public Front SweepAfter(double seconds)
    {
        _connection.Sweep(Environment.TickCount64 + (long)(seconds * 1000));
        return this;
    }

    /// <summary>The server is told to stop, when the connection has not been used for so many seconds.</summary>
    public Front Drain(double idle = 1)
    {
        _connection.Drain(Environment.TickCount64 + (long)(idle * 1000));
        return this;
    }

    /// <summary>Waits until everything sent was heard and nothing more happens without more input.</summary>
    public Front WaitUntilServerWaits()
    {
        WaitFor(() => Transport.ServerWaits, "the server to wait for input");
        return this;
    }

    public void WaitFor(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Deadline))
            Fail($"waited in vain for {what}");
    }

    /// <summary>Nothing open, nothing cut: what has been asked so far is answered.</summary>
    public IReadOnlyList<Reply> AllReplies()
    {
        Assert.Empty(Output.Open);
        Assert.True(Output.EndsWithWholeRecord);
        return Output.Ended;
    }

    private void Fail(string complaint) =>
        Assert.Fail($"{complaint}; log: {string.Join("; ", Array.ConvertAll(Log.Lines, line => line.Message))}");

    private void Read()
    {
        if (Reads)
        {
            while (Transport.Take(_transcript.Feed) > 0)
            {
            }
        }
    }
}
