using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>No web server: libfcgi's cgi-fcgi asks, and spawn-fcgi has made the socket and started the backend. Their own doings.</summary>
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
    public async Task ProblemsComeThrough()
    {
        string answer = await AskAsync("GET", "/api/failing", "when=before", exitCode: 1); // appStatus (case 102)

        Assert.StartsWith("Status: 500 Internal Server Error\r\nContent-Type: application/problem+json\r\n", answer);
        Assert.EndsWith("}", answer);
    }

    /// <summary>Runs cgi-fcgi as a CGI program: the request in its environment.</summary>
    private async Task<string> AskAsync(string method, string path, string query, int exitCode = 0)
    {
        var variables = new Dictionary<string, string>
        {
            ["REQUEST_METHOD"] = method,
            ["SCRIPT_NAME"] = path,
            ["REQUEST_URI"] = $"{path}?{query}",
            ["QUERY_STRING"] = query,
            ["CONTENT_LENGTH"] = "0",
            ["SERVER_PROTOCOL"] = "HTTP/1.1",
        };
        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, variables,
        [
            "/bin/sh", "-c", $"exec \"$0\" -bind -connect {Backend.Socket} </dev/null",
            Machine.Find("cgi-fcgi") ?? throw new FileNotFoundException("cgi-fcgi is not installed"),
        ]);
        Assert.Equal(new Ended(exitCode, ended.Output, ""), ended);
        return ended.Output;
    }
}

/// <summary>The same as through a web server.</summary>
[Needs("spawn-fcgi", "cgi-fcgi")]
public class CgiFcgiTests(ITestOutputHelper output) : FrontPromises(output)
{
    protected override FrontSetup Setup { get; } = new("cgi-fcgi", "", _ => "")
    {
        Client = folder => new CgiFcgiHandler(folder),
        JoinsFields = false, // a variable of the environment is one field
        MostChunkedBytes = -1, // it sends as many bytes as CONTENT_LENGTH says
        ChunkedRefusal = null,
    };
}
