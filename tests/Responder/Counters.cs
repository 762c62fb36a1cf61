using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/counters</c>: what happened inside the handlers, which the client that made it happen may not see.</summary>
internal sealed class Counters : IRequestHandler
{
    private long _held;
    private long _cancelled;
    private long _blocked;
    private long _patternBytes;

    /// <summary>Handlers that have begun to wait for their release file.</summary>
    public void NoteHeld() => Interlocked.Increment(ref _held);

    /// <summary>Handlers that were told that nobody waits for them any more.</summary>
    public void NoteCancelled() => Interlocked.Increment(ref _cancelled);

    /// <summary>Handlers that have begun to block a thread.</summary>
    public void NoteBlocked() => Interlocked.Increment(ref _blocked);

    /// <summary>Bytes of pattern the engine has taken from handlers.</summary>
    public void NotePattern(int bytes) => Interlocked.Add(ref _patternBytes, bytes);

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "application/json"u8);
        using var json = new Utf8JsonWriter(response.Body);
        json.WriteStartObject();
        json.WriteNumber("held"u8, Interlocked.Read(ref _held));
        json.WriteNumber("cancelled"u8, Interlocked.Read(ref _cancelled));
        json.WriteNumber("blocked"u8, Interlocked.Read(ref _blocked));
        json.WriteNumber("pattern_bytes"u8, Interlocked.Read(ref _patternBytes));
        json.WriteEndObject();
        await json.FlushAsync().ConfigureAwait(false);
    }
}
