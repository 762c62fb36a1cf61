using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi;

namespace Appliance;

/// <summary><c>GET /api/health</c>: that this program is alive, and nothing about the device. Allocates nothing.</summary>
internal sealed class HealthHandler : IRequestHandler
{
    private static ReadOnlySpan<byte> Alive => "{\"status\":\"ok\"}"u8;

    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "application/json"u8);
        response.AddHeader("Cache-Control"u8, "no-store"u8);
        response.ContentLength = Alive.Length;
        response.Body.Write(Alive);
        return default;
    }
}
