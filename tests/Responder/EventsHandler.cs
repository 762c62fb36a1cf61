using System.Buffers;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary>
/// <c>/api/events?count=N&amp;until=FILE</c>: a stream of server-sent events numbered 1 to N; each but the first waits for a file
/// that is named FILE and its number.
/// </summary>
internal sealed class EventsHandler : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        long count = QueryOption.Number(request, "count");
        string file = QueryOption.Needed(request, "until");
        response.AddHeader("Content-Type"u8, "text/event-stream"u8);
        response.DisableBuffering(); // or nginx keeps the events until its buffers are full (case 93)
        for (int i = 1; i <= count; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            if (i > 1)
                await ReleaseFile.WaitAsync(file + number, request.Aborted).ConfigureAwait(false);
            response.Body.Write(Encoding.ASCII.GetBytes($"data: {number}\n\n"));
            await response.Body.FlushAsync().ConfigureAwait(false);
        }
    }
}
