using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;

namespace FastCgi.Tests.Fuzzing;

/// <summary>One connection of a session: does the steps, and compares what the server says with what it was asked.</summary>
internal sealed class FuzzedLine
{
    private const int Soon = 200; // milliseconds; long enough for an answer that is broken off
    private const int AfterLinger = 2200; // the same; beyond ServerLimits.LingerTimeout too
    private const int TurnsUntilLater = 50; // arbitrary: of the pool, in which a handler that was let go has ended
    private const int FarFuture = 1_500_000; // milliseconds; beyond every timeout and the grace after it

    private readonly MemoryTransport _transport = new();
    private readonly InputModel _asked = new();
    private readonly OutputModel _said;
    private readonly PoolTurn _pool = new();
    private readonly byte[] _buffer = new byte[32 * 1024];
    private readonly byte[] _abort = new byte[RecordHeader.Length];
    private FuzzedLoop? _loop;
    private ServerCounters? _counters;
    private long _protocolErrors; // before the connection
    private Func<FastCgiConnection>? _make;
    private FastCgiConnection? _connection;
    private Task _serving = Task.CompletedTask;
    private TimeSpan _deadline;
    private int _turns; // of the pool, in the wait that goes on
    private bool _reads;
    private bool _inputEnded;
    private bool _closed;
    private bool _heldUp; // the front has let the server wait with a part of a record sent
    private bool _stopped; // a server that stops uses no connection again

    public FuzzedLine() => _said = new OutputModel(_asked);

    /// <summary>Bytes sent to the server since the line began to serve a session.</summary>
    public long Sent { get; private set; }

    /// <summary>A connection object of a session's own.</summary>
    public void Use(RequestDispatcher dispatcher, FuzzedLoop? loop, TimeSpan deadline)
    {
        _counters = dispatcher.Counters;
        _loop = loop;
        _transport.Loop = loop is null ? null : loop.Post;
        _make = () => new FastCgiConnection(_transport, dispatcher);
        _stopped = true;
        _deadline = deadline;
        Sent = 0;
    }

    /// <summary>The connection's object begins to serve another front.</summary>
    public void Open(bool keepsAnswers)
    {
        _transport.Reopen();
        _transport.SetWindow(int.MaxValue);
        _asked.Clear();
        _said.Clear();
        _said.Keeps = keepsAnswers;
        _reads = true;
        _inputEnded = _closed = _heldUp = false;
        _protocolErrors = Volatile.Read(ref _counters!.ProtocolErrors);
        if (_stopped)
            _connection = _make!();
        _stopped = false;
        _serving = _connection!.ServeAsync();
    }

    public void Do(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Send:
                Send(step.Bytes.Span);
                break;
            case StepKind.Window:
                _reads = false;
                _heldUp = true;
                _transport.SetWindow(step.Number);
                break;
            case StepKind.ReadSome:
                _said.Hear(_buffer.AsSpan(0, _transport.TakeInto(_buffer.AsSpan(0, step.Number))));
                break;
            case StepKind.ReadAll:
                ReadAll();
                break;
            case StepKind.Sweep:
                _connection!.Sweep(Environment.TickCount64 + step.Number);
                break;
            case StepKind.HalfClose:
                EndInput();
                break;
            case StepKind.Close:
                Close();
                break;
            case StepKind.Drain:
                _stopped = true;
                _connection!.Drain(Environment.TickCount64);
                break;
            case StepKind.CutOff:
                _stopped = true;
                _connection!.Abort();
                break;
        }
        Read();
    }

    public void ReadAll()
    {
        _reads = true;
        _transport.SetWindow(int.MaxValue);
        Read();
    }

    /// <summary>What the front does at the end of a round, before it waits.</summary>
    public void StartToEnd(RoundEnd end)
    {
        if (end == RoundEnd.HalfClose)
            EndInput();
        if (end == RoundEnd.AbortAll && _asked.AtRecordBoundary && !_inputEnded && !IsClosing)
        {
            foreach (ushort id in _asked.Ids.ToArray())
            {
                new RecordHeader(RecordType.AbortRequest, id, 0).Write(_abort);
                Send(_abort);
            }
        }
        else if (end is RoundEnd.AbortAll or RoundEnd.Close && !_asked.Broken && !_inputEnded)
        {
            Close();
        }
    }

    public void WaitForEnd(RoundEnd end, IReadOnlyList<(ushort Id, byte[] Body)>? expected)
    {
        if (end == RoundEnd.AllAnsweredAndClosed)
            WaitFor(() => IsClosing, "the server to close after the last answer");
        else if (end == RoundEnd.Wait)
            WaitFor(() => Sweep(FarFuture) && _serving.IsCompleted, "the server to close in time");
        else if (_inputEnded)
            WaitFor(() => SweepSoon() && _serving.IsCompleted, "the server to close after the end of its input");
        else
            WaitFor(() => (SweepSoon() && IsClosing) || (!_asked.Broken && _said.Ended == _asked.Begun), "an END_REQUEST for every BEGIN_REQUEST, or the connection's close");

        if (expected is not null)
            CompareWith(expected, closed: end != RoundEnd.AllAnswered);
        CheckWhatWasSent();
        Close();
        WaitFor(() => SweepSoon() && _serving.IsCompleted, "the connection to end"); // one that reads no more notices the close in a sweep
        if (!_serving.IsCompletedSuccessfully)
            throw new InvalidOperationException("an exception escaped", _serving.Exception);
    }

    /// <summary>While the front still reads: after its own close nothing of the end would be seen.</summary>
    private void CheckWhatWasSent()
    {
        if (_closed)
            return;
        if (!_said.EndsWithWholeRecord && !(_heldUp && _transport.Aborted))
            throw new InvalidDataException("the output ends inside a record");
        bool inPeace = IsClosing && !_transport.Aborted && !_inputEnded && Volatile.Read(ref _counters!.ProtocolErrors) == _protocolErrors;
        int owed = _asked.BegunWithin(_transport.HeardBeforeFinish);
        int most = _asked.BegunWithin(_transport.ReceivedBeforeFinish);
        if (inPeace && (_said.Ended < owed || _said.Ended > most))
            throw new InvalidDataException($"the server closes in peace and has ended {_said.Ended} requests of {owed} to {most}");
    }

    private bool IsClosing => _serving.IsCompleted || _transport.SendingFinished || _transport.Aborted;

    private void CompareWith(IReadOnlyList<(ushort Id, byte[] Body)> expected, bool closed)
    {
        if (IsClosing != closed)
            throw new InvalidDataException(closed ? "the connection is open" : "the connection is closed");
        foreach (IGrouping<ushort, byte[]> requests in expected.GroupBy(one => one.Id, one => one.Body))
        {
            byte[][] replies = [.. _said.Replies.Where(reply => reply.Id == requests.Key).Select(reply => reply.Stdout)];
            int at = 0;
            foreach (byte[] body in requests)
            {
                if (at == replies.Length)
                    throw new InvalidDataException($"only {at} answers of id {requests.Key}");
                ReadOnlySpan<byte> stdout = replies[at++];
                if (!stdout.StartsWith("Status: 200 OK\r\n\r\n"u8) || !stdout["Status: 200 OK\r\n\r\n"u8.Length..].SequenceEqual(body))
                    throw new InvalidDataException($"wrong answer {at} of id {requests.Key}: {stdout.Length} bytes instead of {body.Length} after the header");
            }
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        if (_inputEnded)
            return;
        Sent += bytes.Length;
        _asked.Hear(bytes); // first: the answer may come before Deliver returns
        _transport.Deliver(bytes);
    }

    private void EndInput()
    {
        _inputEnded = true;
        _transport.HalfClose();
    }

    private void Close()
    {
        _inputEnded = _closed = true;
        Read();
        _transport.Close();
    }

    private bool Sweep(int later)
    {
        _connection!.Sweep(Environment.TickCount64 + later);
        return true;
    }

    /// <summary>Where nothing else happens, more time passes than really does.</summary>
    private bool SweepSoon() => Sweep(_turns < TurnsUntilLater ? Soon : AfterLinger);

    private void Read()
    {
        int taken;
        while (_reads && (taken = _transport.TakeInto(_buffer)) > 0)
            _said.Hear(_buffer.AsSpan(0, taken));
    }

    private void WaitFor(Func<bool> condition, string what)
    {
        long until = Environment.TickCount64 + (long)_deadline.TotalMilliseconds;
        _turns = 0;
        for (Settle(); !condition(); Settle())
        {
            if (Environment.TickCount64 > until)
                throw new TimeoutException($"waited in vain for {what}: {_asked.Begun} begun, {_said.Ended} ended");
            _pool.WaitForTurn();
            _turns++;
        }
        Settle();
    }

    private void Settle()
    {
        _loop?.RunAll();
        Read();
    }

    /// <summary>Waits behind what has been queued to the thread pool. Waiting awake would keep the processor from it.</summary>
    private sealed class PoolTurn : IThreadPoolWorkItem
    {
        private readonly object _gate = new();
        private bool _hasCome;

        public void WaitForTurn()
        {
            lock (_gate)
            {
                _hasCome = false;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                while (!_hasCome)
                    Monitor.Wait(_gate);
            }
        }

        void IThreadPoolWorkItem.Execute()
        {
            lock (_gate)
            {
                _hasCome = true;
                Monitor.Pulse(_gate);
            }
        }
    }
}
