using System.Globalization;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>
/// lighttpd with a socket that somebody else has made. Unlike in the configuration that ships, requests are kept until they are
/// whole, so that one may come without its length.
/// </summary>
[Needs("spawn-fcgi", "lighttpd")]
public class LighttpdStandAloneTests(ITestOutputHelper output) : FrontPromises(output)
{
    protected override FrontSetup Setup { get; } = new("lighttpd", "-D -f front.conf", Configuration) { StreamsRequests = false };

    private static string Configuration(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        server.modules              = ( "mod_fastcgi" )
        server.bind                 = "127.0.0.1"
        server.port                 = {port}
        server.document-root        = var.CWD
        server.upload-dirs          = ( var.CWD )
        server.stream-request-body  = 0
        server.stream-response-body = 2
        fastcgi.server = ( "/" => (( "socket" => "{Backend.Socket}", "check-local" => "disable" )) )

        """);
}
