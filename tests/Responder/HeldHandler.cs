using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/held?until=FILE</c>: sends "first", and "last" when the file is there; neither reads nor writes meanwhile.</summary>
internal sealed class HeldHandler(Counters counters) : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        string file = QueryOption.Needed(request, "until");
        response.AddHeader("Content-Type"u8, "text/plain"u8);
        response.Body.Write("first\n"u8);
        await response.Body.FlushAsync().ConfigureAwait(false);
        counters.NoteHeld();
        try
        {
            await ReleaseFile.WaitAsync(file, request.Aborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            counters.NoteCancelled();
            throw;
        }
        response.Body.Write("last\n"u8);
    }
}
