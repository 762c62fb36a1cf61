using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>No web server: libfcgi's cgi-fcgi asks, and spawn-fcgi has made the socket and started the backend.</summary>
[Needs("spawn-fcgi", "cgi-fcgi")]
public sealed class BareClientTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private readonly WorkFolder _folder = new();
    private Backend _backend = null!;

    public async Task InitializeAsync()
    {
        _folder.Link("responder", Machine.Responder);
        _backend = await Backend.StartAsync(_folder, new Dictionary<string, string>());
    }

    public async Task DisposeAsync()
    {
        if (_backend is not null)
        {
            output.WriteLine(_backend.Log);
            await _backend.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    public void SocketHasTheModeThatWasAskedFor() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.At(Backend.Socket)));

    [FrontFact]
    public async Task AnswerIsACgiResponse() =>
        Assert.Equal(
            "Status: 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 3\r\n\r\na=1",
            await AskAsync("GET", "/api/query", "a=1"));

    [FrontFact]
    public async Task HeadHasTheLengthAndNoBody()
    {
        string answer = await AskAsync("HEAD", "/api/pattern", "bytes=1000");

        Assert.Contains("Content-Length: 1000\r\n", answer);
        Assert.EndsWith("\r\n\r\n", answer);
    }

    [FrontFact]
    public async Task ProblemsComeThrough()
    {
        string answer = await AskAsync("GET", "/api/failing", "when=before", exitCode: 1); // appStatus (case 102)

        Assert.StartsWith("Status: 500 Internal Server Error\r\nContent-Type: application/problem+json\r\n", answer);
        Assert.EndsWith("}", answer);
    }

    [FrontFact]
    public async Task BodiesArriveWhole()
    {
        foreach (int bytes in (int[])[0, 1, 65535, 65536, 1 << 20])
        {
            byte[] body = new byte[bytes];
            Pattern.Fill(body, 0);

            string answer = await AskAsync("POST", "/api/checksum", "", body);

            Assert.EndsWith(
                string.Create(CultureInfo.InvariantCulture, $$"""{"bytes":{{bytes}},"checksum":"{{Checksum.Of(body)}}"}"""), answer);
        }
    }

    /// <summary>Runs cgi-fcgi as a CGI program: the request in its environment and on its standard input.</summary>
    private async Task<string> AskAsync(string method, string path, string query, byte[]? body = null, int exitCode = 0)
    {
        await File.WriteAllBytesAsync(_folder.At("body"), body ?? []);
        var variables = new Dictionary<string, string>
        {
            ["REQUEST_METHOD"] = method,
            ["SCRIPT_NAME"] = path,
            ["REQUEST_URI"] = $"{path}?{query}",
            ["QUERY_STRING"] = query,
            ["CONTENT_LENGTH"] = (body ?? []).Length.ToString(CultureInfo.InvariantCulture),
            ["SERVER_PROTOCOL"] = "HTTP/1.1",
        };
        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, variables,
        [
            "/bin/sh", "-c", $"exec \"$0\" -bind -connect {Backend.Socket} <body",
            Machine.Find("cgi-fcgi") ?? throw new FileNotFoundException("cgi-fcgi is not installed"),
        ]);
        Assert.Equal(new Ended(exitCode, ended.Output, ""), ended);
        return ended.Output;
    }
}
