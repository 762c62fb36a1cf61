using System.Buffers;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/query</c>: QUERY_STRING as it came, byte for byte.</summary>
internal sealed class QueryHandler : IRequestHandler
{
    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "application/octet-stream"u8);
        response.ContentLength = request.Query.Length;
        response.Body.Write(request.Query);
        return default;
    }
}
