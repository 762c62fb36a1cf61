using System.Buffers;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/blocking?until=FILE</c>: keeps its thread until the file is there. Its route says that it may.</summary>
internal sealed class BlockingHandler(Counters counters) : IRequestHandler
{
    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        counters.NoteBlocked();
        ReleaseFile.Block(QueryOption.Needed(request, "until"), request.Aborted);
        response.AddHeader("Content-Type"u8, "text/plain"u8);
        response.Body.Write("released\n"u8);
        return default;
    }
}
