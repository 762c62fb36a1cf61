using System.Globalization;
using Integration.Tests.Fixture;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>lighttpd with a TCP socket that somebody else has made. Requests are kept until they are whole.</summary>
[Needs("spawn-fcgi", "lighttpd")]
public class LighttpdOverTcpTests : FrontPromises
{
    public LighttpdOverTcpTests(ITestOutputHelper output)
        : base(output)
    {
        int backend = FreePort.Next();
        Setup = new FrontSetup("lighttpd", "-D -f front.conf", port => Configuration(port, backend))
        {
            BackendPort = backend,
            StreamsRequests = false,
            TellsOfLeavingLate = false, // a close looks like the end of sending until something is sent (case 63)
        };
    }

    protected override FrontSetup Setup { get; }

    private static string Configuration(int port, int backend) => string.Create(CultureInfo.InvariantCulture, $"""
        server.modules              = ( "mod_fastcgi" )
        server.bind                 = "127.0.0.1"
        server.port                 = {port}
        server.document-root        = var.CWD
        server.upload-dirs          = ( var.CWD )
        server.stream-request-body  = 0
        server.stream-response-body = 2
        fastcgi.server = ( "/" => (( "host" => "127.0.0.1", "port" => {backend}, "check-local" => "disable" )) )

        """);
}
