using System.Globalization;
using Xunit.Abstractions;

namespace Integration.Tests.Fronts;

/// <summary>HAProxy, which keeps connections and may ask for management values first.</summary>
/// <remarks>
/// Not multiplexed. Once a request is answered, 2.6.12 reads no more of its body, and a client that goes on sending waits: hence
/// the small one that is refused.
/// </remarks>
public abstract class HaProxyTests(ITestOutputHelper output) : FrontPromises(output)
{
    /// <summary>In the foreground and in one process (-db).</summary>
    protected static FrontSetup HaProxy(string options) =>
        new("haproxy", "-db -f front.conf", port => Configuration(port, options))
        {
            TellsOfLeavingLate = false,
            RefusedBodyBytes = 12_000,
            LeastChunkedBytes = 1, // 2.6 announces an empty one as of length 0 and never sends its end
            MostChunkedBytes = 8 * 1024, // it has to know the length, so half its buffer must hold the body; else it answers 400
        };

    private static string Configuration(int port, string options) => string.Create(CultureInfo.InvariantCulture, $"""
        global
            maxconn 1000
            nbthread 1
            log stdout format raw local0
        defaults
            mode http
            log global
            option httplog
            timeout connect 5s
            timeout client 60s
            timeout server 60s
        fcgi-app responder
            docroot /
            {options}
        frontend web
            bind 127.0.0.1:{port}
            default_backend responder
        backend responder
            use-fcgi-app responder
            server responder unix@{Backend.Socket} proto fcgi

        """);
}

[Needs("spawn-fcgi", "haproxy")]
public class HaProxyKeepAliveTests(ITestOutputHelper output) : HaProxyTests(output)
{
    protected override FrontSetup Setup { get; } = HaProxy("option keep-conn");
}

[Needs("spawn-fcgi", "haproxy")]
public class HaProxyGetValuesTests(ITestOutputHelper output) : HaProxyTests(output)
{
    protected override FrontSetup Setup { get; } = HaProxy("option get-values");
}
