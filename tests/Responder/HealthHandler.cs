using System.Buffers;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/health</c>: the fixture waits for it, as a person does for the appliance's.</summary>
internal sealed class HealthHandler : IRequestHandler
{
    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "application/json"u8);
        response.Body.Write("{\"status\":\"ok\"}"u8);
        return default;
    }
}
