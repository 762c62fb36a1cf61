using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace Integration.Tests.Fronts;

/// <summary>
/// Counts the answers that are an error page, which the backend never sends, and asks again; but not for ever. The count is to be
/// compared with what the front itself has logged: <see cref="Front.OwnFaultsAsync"/>.
/// </summary>
internal sealed class OwnFaults
{
    private const int MostTimes = 20; // a moment later the buffer that was full may be as full again
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private int _seen;

    /// <summary>Error pages seen so far.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>Asks until the answer is another, or it was too often the same.</summary>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, Func<T, (int Status, string? ContentType)> look)
    {
        for (int times = 0; ; times++)
        {
            T answer = await ask();
            if (look(answer) is not (500, string type) || !type.StartsWith("text/html", StringComparison.Ordinal))
                return answer;
            Interlocked.Increment(ref _seen);
            if (times == MostTimes)
                return answer;
            (answer as IDisposable)?.Dispose();
            await Task.Delay(Pause);
        }
    }
}

/// <summary>The same for an HttpClient.</summary>
internal sealed class AskingAgain(OwnFaults faults, HttpMessageHandler handler) : DelegatingHandler(handler)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => faults.AskAsync(
        () => base.SendAsync(request, cancellationToken),
        response => ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
}
