using System.Globalization;
using Integration.Tests.Fixture;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>lighttpd with the configuration that ships, which launches the backend and passes both directions on at once.</summary>
[Needs("lighttpd")]
public class LighttpdLaunchedTests(ITestOutputHelper output) : FrontPromises(output)
{
    internal static FrontSetup AsShipped { get; } = new("lighttpd", "-D -f front.conf", Configuration)
    {
        LaunchesBackend = true,
        MostChunkedBytes = -1, // 1.4.69 must know the length of what it passes on at once
    };

    protected override FrontSetup Setup => AsShipped;

    /// <summary>As it ships, but for the bound of bodies: here too they have 100 MiB.</summary>
    private static string Configuration(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        var.bind              = "127.0.0.1"
        var.port              = {port}
        var.document_root     = var.CWD
        var.run_dir           = "."
        var.appliance_command = "{Backend.Command}"
        var.appliance_socket  = "./launched.socket"
        var.appliance_problems = "{Machine.Root}/rootfs/usr/share/appliance/problems/"
        include "{Machine.Root}/rootfs/etc/lighttpd/server.conf"
        include "{Machine.Root}/rootfs/etc/lighttpd/conf.d/appliance.conf"
        server.max-request-size := 0

        """);
}

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
