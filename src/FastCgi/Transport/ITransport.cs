using System;
using System.Threading.Tasks;

namespace FastCgi.Transport;

/// <summary>The bytes of one connection, whatever carries them: a socket, or memory in a test.</summary>
/// <remarks>One receive and one send may be under way at the same time.</remarks>
internal interface ITransport
{
    /// <summary>
    /// Waits for bytes: how many came, 0 at the end of the stream, −1 when the connection is broken. Into an empty buffer: waits
    /// until receiving is worth a try.
    /// </summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends some of the bytes: how many, −1 when the connection is broken.</summary>
    ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Runs something on the thread that serves all connections, after what has already happened was handled.</summary>
    void Post(Action action);

    /// <summary>After the end of the stream was received: whether the peer has gone, rather than only finished sending.</summary>
    bool PeerHasGone();

    /// <summary>Whether the peer has taken what was sent; over TCP, whether it has arrived.</summary>
    bool PeerHasTakenAll();

    /// <summary>How many bytes the peer has sent that nobody has received yet.</summary>
    int UnreadInput();

    /// <summary>Says to the peer that nothing more will be sent; receiving goes on.</summary>
    void FinishSending();

    /// <summary>
    /// Makes the peer's next send fail: then it knows that nothing of it was taken. What it has sent stays to be received, and the end of
    /// the stream comes after it. False where the peer cannot be told.
    /// </summary>
    bool TryStopReceiving();

    /// <summary>Ends both directions now; operations under way come back with −1. May be called from any thread, and again.</summary>
    void Abort();
}
