using System;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>A member of the status document, or none where its source cannot be read.</summary>
/// <param name="name">Of the member.</param>
/// <param name="isFast">Whether it costs so little that the stream has it each second.</param>
/// <param name="write">Writes it whole, or says why not.</param>
internal sealed class StatusPart(string name, bool isFast, Action<Utf8JsonWriter, UnavailableParts> write)
{
    public string Name => name;

    public bool IsFast => isFast;

    public void Write(Utf8JsonWriter writer, UnavailableParts unavailable) => write(writer, unavailable);
}
