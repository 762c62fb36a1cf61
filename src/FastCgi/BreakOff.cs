using System;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>Ends a connection in the middle of an answer, in the way that makes every front tell its client that the answer is not whole.</summary>
/// <remarks>
/// lighttpd makes a whole answer of what it has when it finds the close together with the first piece, so the close comes only when
/// it has taken that. nginx takes a close for the end of an answer without Content-Length, but an UNKNOWN_TYPE, to which
/// it gave no reason, for an error. END_REQUEST with an application status means nothing to either, nor to HAProxy.
/// </remarks>
internal sealed class BreakOff(ITransport transport, ConnectionOutput output, ServerLimits limits)
{
    private const int LeastMilliseconds = 100; // TCP knows that the bytes have arrived, not that they were taken

    private TaskCompletionSource? _taken;
    private long _since;

    /// <summary>Completes when the front has taken what was sent, or had <see cref="ServerLimits.LingerTimeout"/> for it.</summary>
    public Task WhenTakenAsync()
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _since = Environment.TickCount64;
        Interlocked.Exchange(ref _taken, taken)?.TrySetResult(); // an earlier one was abandoned meanwhile
        if (output.IsBroken)
            GiveUp();
        return taken.Task;
    }

    /// <summary>Says what no front expects; the connection's close comes next.</summary>
    public async ValueTask EndAsync() => await output.SendAsync(UnaskedFor()).ConfigureAwait(false);

    /// <summary>Looks whether the front has taken all. Called about once a second, from any thread.</summary>
    public void Sweep(long now)
    {
        if (Volatile.Read(ref _taken) is not TaskCompletionSource taken || now - _since < LeastMilliseconds)
            return;
        if (output.IsBroken || transport.PeerHasTakenAll() || now - _since > limits.LingerTimeout.TotalMilliseconds)
            taken.TrySetResult();
    }

    /// <summary>The front has gone. Called after the output was broken.</summary>
    public void GiveUp()
    {
        Interlocked.MemoryBarrier(); // either this sees the one who waits, or he sees the broken output
        _taken?.TrySetResult();
    }

    /// <summary>Forgets the last connection.</summary>
    public void Reset() => _taken = null;

    private static byte[] UnaskedFor()
    {
        byte[] record = new byte[RecordWriter.LengthOf(UnknownTypeBody.Length)];
        var writer = new RecordWriter(record);
        writer.WriteUnknownType(new UnknownTypeBody(default));
        return record;
    }
}
