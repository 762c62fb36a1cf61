using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi;

namespace Appliance.Status;

/// <summary><c>GET /api/status</c>: how the device is, as one JSON document (<see cref="DeviceStatus"/>). Reads files, so it may block.</summary>
internal sealed class StatusHandler(DeviceStatus device) : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        Predicate<StatusPart>? selects = StatusSelection.Parse(request.Query, device.Parts);
        response.AddHeader("Content-Type"u8, "application/json"u8);
        response.AddHeader("Cache-Control"u8, "no-store"u8);
        var document = new ArrayBufferWriter<byte>(8 * 1024);
        device.Write(document, selects);
        await response.WriteWholeAsync(document.WrittenMemory).ConfigureAwait(false);
    }
}
