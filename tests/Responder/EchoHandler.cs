using System;
using System.IO.Pipelines;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/echo</c>: the body comes back as it arrives, in constant memory; its length, if announced, is announced.</summary>
internal sealed class EchoHandler : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "application/octet-stream"u8);
        response.ContentLength = request.ContentLength;
        while (true)
        {
            ReadResult read = await request.Body.ReadAsync().ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                FlushResult flushed = await response.Body.WriteAsync(piece).ConfigureAwait(false);
                if (flushed.IsCompleted)
                    return;
            }
            request.Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }
}
