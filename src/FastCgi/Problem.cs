using System.Buffers;
using System.Text.Json;

namespace FastCgi;

/// <summary>Error answers that programs can read: <c>application/problem+json</c> (RFC 9457).</summary>
internal static class Problem
{
    /// <summary>Writes status, header and body into a response that has not started.</summary>
    /// <param name="response">The response; the caller adds headers of its own before.</param>
    /// <param name="statusCode">400 to 599; also the title, as its reason phrase.</param>
    /// <param name="detail">What is wrong with this request, naming the offending value.</param>
    public static void Write(FastCgiResponse response, int statusCode, string detail)
    {
        response.StatusCode = statusCode;
        response.AddHeader("Content-Type"u8, "application/problem+json"u8);
        response.AddHeader("Cache-Control"u8, "no-store"u8);

        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, HttpStatus.ReasonOf(statusCode));
            json.WriteNumber("status"u8, statusCode);
            json.WriteString("detail"u8, detail);
            json.WriteEndObject();
        }
        response.ContentLength = body.WrittenCount;
        response.Body.Write(body.WrittenSpan);
    }
}
