using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary>
/// <c>/api/ticks?count=N</c>: N server-sent events a millisecond apart, each with the nanoseconds of the monotonic clock at which it
/// was flushed: what arrives can tell how long that took.
/// </summary>
internal sealed class TicksHandler : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        long count = QueryOption.Number(request, "count");
        response.AddHeader("Content-Type"u8, "text/event-stream"u8);
        for (long i = 0; i < count; i++)
        {
            await Task.Delay(1, request.Aborted).ConfigureAwait(false);
            long now = Stopwatch.GetTimestamp(); // CLOCK_MONOTONIC in nanoseconds on Linux
            response.Body.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"data: {now}\n\n")));
            await response.Body.FlushAsync().ConfigureAwait(false);
        }
    }
}
