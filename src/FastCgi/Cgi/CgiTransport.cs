using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// Plays a front's part towards the engine: one request comes from environment and standard input, the records of its answer go
/// to standard output and standard error.
/// </summary>
/// <remarks>
/// The descriptors may be pipes, sockets or files, and belong to others too, so O_NONBLOCK, which all would share, is left as it
/// is: nothing is read or written that poll(2) has not announced.
/// </remarks>
internal sealed class CgiTransport : ITransport
{
    private readonly EventLoop _loop;
    private readonly CgiInput _input;
    private readonly CgiOutput _output;

    public CgiTransport(EventLoop loop, CgiRequest request, int input, int output, int error)
    {
        _loop = loop;
        _input = new CgiInput(this, request, input);
        _output = new CgiOutput(this, output, error);
    }

    /// <summary>Whether nothing more is received or sent.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether that is because nobody reads the answer.</summary>
    public bool PeerWasGone { get; private set; }

    /// <summary>Whether the answer was written to its end.</summary>
    public bool WasAnswered => _output.HasEnded;

    /// <summary>Whether the engine has said that the answer is complete.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>From now on it is noticed when nobody reads the answer any more.</summary>
    public void Open() => _output.WatchReader();

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _input.StartAsync(buffer);

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => _output.StartAsync(MemoryMarshal.AsMemory(bytes));

    public void Post(Action action) => _loop.Post(action);

    public bool PeerHasGone() => IsBroken || _output.HasNoReader;

    public bool PeerHasTakenAll() => true; // what is written to a pipe cannot be asked after

    public int UnreadInput() => 0; // a CGI program has no second request

    public bool TryStopReceiving() => false;

    public void FinishSending()
    {
        IsFinished = true;
        _loop.Post(_input.OnReady);
    }

    public void Abort()
    {
        IsBroken = true;
        _loop.Post(Continue);
    }

    /// <summary>Nobody reads the answer. From any thread.</summary>
    public void LosePeer()
    {
        PeerWasGone = true;
        Abort();
    }

    /// <summary>Begins to wait for a descriptor. False for a file, which is always ready and cannot be waited for.</summary>
    public bool TryWatch(int descriptor, IReadinessTarget target, Readiness interest) => _loop.TryAdd(descriptor, target, interest);

    public void Watch(int descriptor, Readiness interest) => _loop.Change(descriptor, interest);

    private void Continue()
    {
        _input.OnReady();
        _output.OnReady();
    }
}
