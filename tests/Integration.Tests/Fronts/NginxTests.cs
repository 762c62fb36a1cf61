using System.Globalization;
using Integration.Tests.Fixture;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>nginx, which asks to keep the connection or not, and keeps bodies until they are whole or not: all eight ways, one of them over TCP.</summary>
public abstract class NginxTests(ITestOutputHelper output) : FrontPromises(output)
{
    /// <summary>One process in the foreground, which stays who started it.</summary>
    internal static FrontSetup Nginx(bool keepConn, bool buffersResponses, bool buffersRequests, int? backendPort = null, string more = "", string inHttp = "")
    {
        string backend = backendPort is null ? $"unix:{Backend.Socket}" : $"127.0.0.1:{backendPort}";
        return new("nginx", "-p . -c front.conf -e stderr", port => Configuration(port, backend, keepConn, buffersResponses, buffersRequests, more, inHttp))
        {
            StreamsRequests = !buffersRequests,
            BackendPort = backendPort,
            TellsOfLeavingLate = backendPort is null, // over TCP, a close looks like the end of sending until something is sent (case 63)
        };
    }

    private static string Configuration(int port, string backend, bool keepConn, bool buffersResponses, bool buffersRequests, string more, string inHttp) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr;
            events { worker_connections 1024; }
            http {
                access_log off;
                {{inHttp}}
                client_max_body_size 0;
                client_body_temp_path body.tmp;
                fastcgi_temp_path fastcgi.tmp;
                proxy_temp_path proxy.tmp;
                scgi_temp_path scgi.tmp;
                uwsgi_temp_path uwsgi.tmp;
                upstream backend {
                    server {{backend}};
                    {{(keepConn ? "keepalive 8;" : "")}}
                }
                server {
                    listen 127.0.0.1:{{port}} backlog=1024;
                    location / {
                        include /etc/nginx/fastcgi_params;
                        fastcgi_pass backend;
                        fastcgi_keep_conn {{OnOff(keepConn)}};
                        fastcgi_buffering {{OnOff(buffersResponses)}};
                        fastcgi_request_buffering {{OnOff(buffersRequests)}};
                    }
                    {{more}}
                }
            }
            """);

    private static string OnOff(bool on) => on ? "on" : "off";
}

[Needs("spawn-fcgi", "nginx")]
public class NginxByDefaultTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } = Nginx(keepConn: false, buffersResponses: true, buffersRequests: true);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxStreamingTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } = Nginx(keepConn: false, buffersResponses: false, buffersRequests: false);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxStreamingRequestsTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } = Nginx(keepConn: false, buffersResponses: true, buffersRequests: false);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxStreamingResponsesTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } = Nginx(keepConn: false, buffersResponses: false, buffersRequests: true);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxKeepConnStreamingTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } = Nginx(keepConn: true, buffersResponses: false, buffersRequests: false);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxKeepConnStreamingRequestsTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } = Nginx(keepConn: true, buffersResponses: true, buffersRequests: false);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxKeepConnStreamingResponsesTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } = Nginx(keepConn: true, buffersResponses: false, buffersRequests: true);
}

[Needs("spawn-fcgi", "nginx")]
public class NginxOverTcpTests(ITestOutputHelper output) : NginxTests(output)
{
    protected override FrontSetup Setup { get; } =
        Nginx(keepConn: true, buffersResponses: true, buffersRequests: true, backendPort: FreePort.Next());
}
