using System.Collections.Generic;
using System.Globalization;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Xunit.Abstractions;

namespace Integration.Tests.Starts;

/// <remarks>1.35 hands over no body of PUT.</remarks>
[Needs("busybox")]
public sealed class BusyBoxTests(ITestOutputHelper output) : CgiFrontPromises(output)
{
    protected override string Command(int port) =>
        string.Create(CultureInfo.InvariantCulture, $"busybox httpd -f -p 127.0.0.1:{port} -h www -c \"$PWD/httpd.conf\"");

    protected override IReadOnlyDictionary<string, string> Files(int port) => new Dictionary<string, string>
    {
        ["httpd.conf"] = $"""
            /cgi-bin/appliance/api/status:{Logins.Admin}:{Logins.Password}
            /cgi-bin/appliance/api/nothing:{Logins.Admin}:{Logins.Password}

            """,
    };
}

/// <remarks>Its mod_cgi gives a program a body as a file, and a Unix socket for its output.</remarks>
[Needs("lighttpd")]
public sealed class LighttpdCgiTests(ITestOutputHelper output) : CgiFrontPromises(output)
{
    protected override string Command(int port) => "$(command -v lighttpd || echo /usr/sbin/lighttpd) -D -f lighttpd.conf";

    protected override IReadOnlyDictionary<string, string> Files(int port) => new Dictionary<string, string>
    {
        ["lighttpd.conf"] = string.Create(CultureInfo.InvariantCulture, $$"""
            server.modules              = ( "mod_auth", "mod_authn_file", "mod_cgi" )
            server.bind                 = "127.0.0.1"
            server.port                 = {{port}}
            server.document-root        = var.CWD + "/www"
            server.upload-dirs          = ( var.CWD )
            server.stream-response-body = 2
            $HTTP["url"] =^ "/cgi-bin/" { cgi.assign = ( "" => "" ) }
            $HTTP["url"] =~ "^/cgi-bin/appliance/api/(?!health)" {
                auth.backend                   = "htpasswd"
                auth.backend.htpasswd.userfile = "passwords"
                auth.require = ( "" => ( "method" => "basic", "realm" => "appliance", "require" => "valid-user" ) )
            }

            """),
    };
}

/// <summary>The responder in BusyBox's cgi-bin, asked as through every other front.</summary>
[Needs("busybox")]
public class BusyBoxFrontTests(ITestOutputHelper output) : FrontPromises(output)
{
    protected override FrontSetup Setup { get; } = new("busybox", "httpd -f -p 127.0.0.1:{0} -h www", _ => "")
    {
        CgiProgram = "www/cgi-bin/responder",
        Path = "cgi-bin/responder/",
        KeepsClients = false,
        ClientsAtOnce = 8,
        JoinsFields = false,
        TellsOfLeaving = false,
        RefusedBodyBytes = 12_000, // it closes as soon as the program has ended, whatever of the body is still to come
        TellsOfLeavingLate = false,
        MostChunkedBytes = -1,
        ChunkedRefusal = null,
        ShowsBreaks = false,
    };
}

/// <summary>The same in lighttpd's.</summary>
[Needs("lighttpd")]
public class LighttpdCgiFrontTests(ITestOutputHelper output) : FrontPromises(output)
{
    protected override FrontSetup Setup { get; } = new("lighttpd", "-D -f front.conf", Configuration)
    {
        CgiProgram = "www/cgi-bin/responder",
        Path = "cgi-bin/responder/",
        StreamsRequests = false,
        ShowsBreaks = false,
    };

    private static string Configuration(int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        server.modules              = ( "mod_cgi" )
        server.bind                 = "127.0.0.1"
        server.port                 = {{port}}
        server.document-root        = var.CWD + "/www"
        server.upload-dirs          = ( var.CWD )
        server.stream-response-body = 2
        $HTTP["url"] =^ "/cgi-bin/" { cgi.assign = ( "" => "" ) }

        """);
}
