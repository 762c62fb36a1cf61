using System.Buffers;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// Closes towards a front that still sends for requests already answered: closing with bytes unread would reset the connection, and
/// the front could lose the answer. Bounded in bytes here, and by the connection's sweep in time.
/// </summary>
internal sealed class LingeringClose(ITransport transport, ConnectionOutput output, ServerLimits limits)
{
    private TaskCompletionSource? _heldBack;

    /// <summary>Whether it is only the front's going that is waited for, and the front has gone.</summary>
    public bool IsInVain => Volatile.Read(ref _heldBack) is not null && transport.PeerHasGone();

    /// <summary>Discards what comes, until the front has closed or has sent too much; then makes it wait.</summary>
    public async ValueTask DiscardAsync()
    {
        transport.FinishSending();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ConnectionInput.UsualReceive);
        try
        {
            int received;
            for (int left = limits.LingerBytes; left > 0; left -= received)
            {
                received = await transport.ReceiveAsync(buffer).ConfigureAwait(false);
                if (received <= 0)
                    return;
            }
            await HoldBackAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The connection is aborted. From any thread, after the output was broken.</summary>
    public void GiveUp()
    {
        if (Interlocked.Exchange(ref _heldBack, null) is TaskCompletionSource heldBack)
            transport.Post(heldBack.SetResult); // the reader's place is the loop
    }

    /// <summary>
    /// Reads no more, and waits until the front has gone or its time is over. nginx does not look at an answer as long as it can write:
    /// now it cannot, and finds the answer. Of a connection closed under its writing it would make a 502.
    /// </summary>
    private async ValueTask HoldBackAsync()
    {
        var heldBack = new TaskCompletionSource();
        Interlocked.Exchange(ref _heldBack, heldBack);
        if (output.IsBroken && Interlocked.Exchange(ref _heldBack, null) is not null)
            return; // aborted before, by whom this was not seen
        await heldBack.Task.ConfigureAwait(false);
    }
}
