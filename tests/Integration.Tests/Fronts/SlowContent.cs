using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace Integration.Tests.Fronts;

/// <summary>A body that its client sends piece by piece, with a pause before each but the first, and maybe not to its end.</summary>
/// <param name="body">What it sends.</param>
/// <param name="announced">How long it says the body is; of one that is longer than what it sends it owes the rest for ever.</param>
/// <param name="pieceBytes">Bytes of each piece.</param>
/// <param name="pause">Between two pieces.</param>
internal sealed class SlowContent(byte[] body, long announced, int pieceBytes, TimeSpan pause) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (int at = 0; at < body.Length; at += pieceBytes)
        {
            if (at > 0)
                await Task.Delay(pause, cancellationToken);
            await stream.WriteAsync(body.AsMemory(at, Math.Min(pieceBytes, body.Length - at)), cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
        if (announced > body.Length)
            await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = announced;
        return true;
    }
}
