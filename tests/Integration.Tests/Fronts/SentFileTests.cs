using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>The front sends a file itself, because a handler has told it to (case 103).</summary>
public abstract class SentFileTests(ITestOutputHelper output) : UnderFront(output)
{
    private static readonly string Content = new('x', 1 << 20);

    protected override IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>
    {
        ["files/large"] = Content,
        ["files/folder/small"] = "in a folder",
        ["outside"] = "not to be sent",
    };

    [FrontFact]
    [Case(103)]
    public async Task FileArrivesWhole()
    {
        using HttpResponseMessage response = await Client.GetAsync("api/file?name=large");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(Content.Length, response.Content.Headers.ContentLength);
        Assert.Equal(Content, await response.Content.ReadAsStringAsync());
        Assert.Equal("in a folder", await Client.GetStringAsync("api/file?name=folder/small"));
        Assert.Equal("after=1", await Client.GetStringAsync("api/query?after=1"));
    }

    [FrontFact]
    [Case(103)]
    public async Task NothingElseArrives()
    {
        using HttpResponseMessage missing = await Client.GetAsync("api/file?name=nothing");
        using HttpResponseMessage outside = await Client.GetAsync("api/file?name=../outside");
        using HttpResponseMessage direct = await Client.GetAsync("files/large");

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, outside.StatusCode); // refused where the header is made
        Assert.Equal(HttpStatusCode.NotFound, direct.StatusCode);
    }
}

[Needs("spawn-fcgi", "lighttpd")]
public class LighttpdSendsFilesTests(ITestOutputHelper output) : SentFileTests(output)
{
    protected override FrontSetup Setup { get; } = new("lighttpd", "-D -f front.conf", Configuration);

    private static string Configuration(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        server.modules       = ( "mod_fastcgi" )
        server.bind          = "127.0.0.1"
        server.port          = {port}
        server.document-root = var.CWD + "/www"
        server.upload-dirs   = ( var.CWD )
        fastcgi.server = ( "/api/" => ((
            "socket" => "{Backend.Socket}", "check-local" => "disable",
            "x-sendfile" => "enable", "x-sendfile-docroot" => ( var.CWD + "/files/" )
        )) )

        """);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxSendsFilesTests(ITestOutputHelper output) : SentFileTests(output)
{
    protected override FrontSetup Setup { get; } = NginxTests.Nginx(keepConn: true, buffersResponses: true, buffersRequests: true, more: """
        location /files/ { internal; root .; }
        """);
}
