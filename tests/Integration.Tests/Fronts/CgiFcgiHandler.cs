using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;

namespace Integration.Tests.Fronts;

/// <summary>
/// Does with each request what a web server does that runs cgi-fcgi as a CGI program: the request is in its environment and on its
/// standard input, and a client that leaves is its end.
/// </summary>
internal sealed class CgiFcgiHandler(WorkFolder folder) : HttpMessageHandler
{
    private const int MostHeaderBytes = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        RunningProgram program = NativeProgram.Start(
            folder.FullPath, Variables(request), [Machine.Find("cgi-fcgi")!, "-bind", "-connect", Backend.Socket], hasInput: true);
        var answer = new CgiFcgiAnswer(program);
        try
        {
            _ = SendBodyAsync(request.Content, program.Input, cancellationToken);
            string[] head = await ReadHeadAsync(answer, cancellationToken);
            HttpResponseMessage response = Response(head, answer);
            answer.ExpectBody(request.Method == HttpMethod.Head ? null : response.Content.Headers.ContentLength);
            return response;
        }
        catch (Exception e)
        {
            await answer.DisposeAsync();
            throw e is IOException ? new HttpRequestException(e.Message, e) : e;
        }
    }

    private static Dictionary<string, string> Variables(HttpRequestMessage request)
    {
        var variables = new Dictionary<string, string>
        {
            ["REQUEST_METHOD"] = request.Method.Method,
            ["SCRIPT_NAME"] = request.RequestUri!.AbsolutePath,
            ["REQUEST_URI"] = request.RequestUri.PathAndQuery,
            ["QUERY_STRING"] = request.RequestUri.Query.TrimStart('?'),
            ["CONTENT_LENGTH"] = (request.Content?.Headers.ContentLength ?? 0).ToString(CultureInfo.InvariantCulture),
            ["SERVER_PROTOCOL"] = "HTTP/1.1",
            ["REMOTE_ADDR"] = "127.0.0.1",
        };
        foreach ((string name, IEnumerable<string> values) in request.Headers)
            variables[$"HTTP_{name.ToUpperInvariant().Replace('-', '_')}"] = string.Join(", ", values);
        return variables;
    }

    /// <summary>Ends where the program reads no more: it has its answer.</summary>
    private static async Task SendBodyAsync(HttpContent? body, Stream input, CancellationToken cancelled)
    {
        try
        {
            await using (input)
            {
                if (body is not null)
                    await body.CopyToAsync(input, cancelled);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The answer says what there is to say.
        }
    }

    private static async Task<string[]> ReadHeadAsync(Stream output, CancellationToken cancelled)
    {
        byte[] head = new byte[MostHeaderBytes];
        int length = 0;
        while (!head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            length += await output.ReadAsync(head.AsMemory(length, 1), cancelled) is 1 ? 1 : throw new EndOfStreamException("the output ended in the header");
        return Encoding.Latin1.GetString(head, 0, length - 4).Split("\r\n");
    }

    private static HttpResponseMessage Response(string[] head, Stream body)
    {
        var response = new HttpResponseMessage { Content = new StreamContent(body) };
        foreach (string[] field in head.Select(line => line.Split(": ", 2)))
        {
            if (field[0] == "Status")
                response.StatusCode = (HttpStatusCode)int.Parse(field[1].AsSpan(0, 3), CultureInfo.InvariantCulture);
            else if (!response.Headers.TryAddWithoutValidation(field[0], field[1]))
                response.Content.Headers.TryAddWithoutValidation(field[0], field[1]);
        }
        return response;
    }
}
