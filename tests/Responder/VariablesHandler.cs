using System;
using System.Text.Json;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/variables</c>: every CGI variable the front sent, as one JSON object.</summary>
internal sealed class VariablesHandler : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "application/json"u8);
        using var json = new Utf8JsonWriter(response.Body);
        json.WriteStartObject();
        for (int i = 0; i < request.Parameters.Count; i++)
        {
            request.Parameters.GetAt(i, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            json.WriteString(name, value);
        }
        json.WriteEndObject();
        await json.FlushAsync().ConfigureAwait(false);
    }
}
