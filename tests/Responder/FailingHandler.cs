using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary>
/// <c>/api/failing?when=before|written|flushed|short[&amp;until=FILE]</c>: throws before it has said anything, after it has
/// written but not flushed, after it has flushed and the file is there; or returns without an exception, short of its
/// Content-Length.
/// </summary>
internal sealed class FailingHandler : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        string when = QueryOption.Needed(request, "when");
        if (when == "before")
            throw new InvalidOperationException("the password is swordfish");

        response.AddHeader("Content-Type"u8, "text/plain"u8);
        if (when == "short")
            response.ContentLength = 1000;
        response.Body.Write("a good beginning\n"u8);
        if (when is "flushed" or "short")
            await response.Body.FlushAsync().ConfigureAwait(false);
        if (QueryOption.Text(request, "until") is string file)
            await ReleaseFile.WaitAsync(file, request.Aborted).ConfigureAwait(false);
        if (when != "short")
            throw new InvalidOperationException("the password is swordfish");
    }
}
