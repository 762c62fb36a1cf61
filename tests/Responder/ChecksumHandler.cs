using System;
using System.IO.Pipelines;
using System.Text.Json;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/checksum[?until=FILE]</c>: length and checksum of the body; reads nothing of it before the file is there.</summary>
internal sealed class ChecksumHandler(Counters counters) : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        if (QueryOption.Text(request, "until") is string file)
        {
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
        }

        var checksum = new Checksum();
        long bytes = 0;
        bool completed;
        do
        {
            ReadResult read = await request.Body.ReadAsync().ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
                checksum.Add(piece.Span);
            bytes += read.Buffer.Length;
            completed = read.IsCompleted;
            request.Body.AdvanceTo(read.Buffer.End);
        }
        while (!completed);

        response.AddHeader("Content-Type"u8, "application/json"u8);
        using var json = new Utf8JsonWriter(response.Body);
        json.WriteStartObject();
        json.WriteNumber("bytes"u8, bytes);
        json.WriteString("checksum"u8, checksum.ToString());
        json.WriteEndObject();
        await json.FlushAsync().ConfigureAwait(false);
    }
}
