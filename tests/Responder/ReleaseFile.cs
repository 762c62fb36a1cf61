using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Responder;

/// <summary>
/// How a test lets go of a handler that waits for it: by making a file in the working directory. A request could not: after
/// SIGTERM no new one is accepted, and some tests hold every handler there may be.
/// </summary>
internal static class ReleaseFile
{
    private const int PollMilliseconds = 5;

    public static async Task WaitAsync(string name, CancellationToken cancelled)
    {
        while (!File.Exists(name))
            await Task.Delay(PollMilliseconds, cancelled).ConfigureAwait(false);
    }

    /// <summary>The same without giving the thread away.</summary>
    public static void Block(string name, CancellationToken cancelled)
    {
        while (!File.Exists(name))
        {
            cancelled.ThrowIfCancellationRequested();
            Thread.Sleep(PollMilliseconds);
        }
    }
}
