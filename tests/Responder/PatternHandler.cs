using System;
using System.IO.Pipelines;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/pattern?bytes=N[&amp;length=no]</c>: N bytes of <see cref="Pattern"/>, flushed piece by piece.</summary>
internal sealed class PatternHandler(Counters counters) : IRequestHandler
{
    private const int PieceBytes = 32 * 1024 - 64; // with its header and padding still one buffer of the engine's

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        long bytes = QueryOption.Number(request, "bytes");
        response.AddHeader("Content-Type"u8, "application/octet-stream"u8);
        if (QueryOption.Text(request, "length") != "no")
            response.ContentLength = bytes;

        for (long offset = 0; offset < bytes;)
        {
            int piece = (int)Math.Min(PieceBytes, bytes - offset);
            Pattern.Fill(response.Body.GetSpan(piece)[..piece], offset);
            response.Body.Advance(piece);
            offset += piece;
            FlushResult flushed = await response.Body.FlushAsync().ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                counters.NoteCancelled();
                return;
            }
            counters.NotePattern(piece);
        }
    }
}
