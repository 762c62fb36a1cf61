using System;
using System.Buffers;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>A part of the status document by itself: nothing of it is in the document before it is whole.</summary>
internal sealed class PartText
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    public PartText() => Json = new Utf8JsonWriter(_bytes);

    /// <summary>Stands where members may stand.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>What the part could not say.</summary>
    public UnavailableParts Unavailable { get; private set; } = new();

    /// <summary>The members, with commas between; empty when there are none.</summary>
    public ReadOnlySpan<byte> Members => _bytes.WrittenCount == 0 ? default : _bytes.WrittenSpan[1..^1];

    /// <summary>Starts over, whatever stands here.</summary>
    public void Begin()
    {
        _bytes.ResetWrittenCount();
        Json.Reset();
        Json.WriteStartObject();
        Unavailable = new UnavailableParts();
    }

    public void End()
    {
        Json.WriteEndObject();
        Json.Flush();
    }
}
