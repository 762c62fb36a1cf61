using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.Serving;

/// <summary>conf.d/tls.conf, which a device includes when it has a certificate.</summary>
public sealed class TlsTests : IAsyncLifetime, IDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly int _port = FreePort.Next();
    private readonly int _tlsPort = FreePort.Next();
    private HttpClient _client = new();
    private RunningProgram? _lighttpd;

    public async Task InitializeAsync()
    {
        if (Tls.Missing is not null)
            return;
        _client.Dispose();
        _client = (await SelfSigned.MakeAsync(_folder)).NewClient();
        _folder.Link("responder", Machine.Responder);
        await File.WriteAllTextAsync(_folder.At("lighttpd.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            var.bind            = "127.0.0.1"
            var.port            = {_port}
            var.document_root   = "{Machine.Root}/rootfs/usr/share/appliance/www"
            var.run_dir         = "."
            var.tls_socket      = "127.0.0.1:{_tlsPort}"
            var.tls_certificate = "{SelfSigned.Certificate}"
            var.tls_key         = "{SelfSigned.Key}"
            var.appliance_command  = "./responder"
            var.appliance_socket   = "./responder.socket"
            var.appliance_problems = "{Machine.Root}/rootfs/usr/share/appliance/problems/"
            include "{Machine.Root}/rootfs/etc/lighttpd/server.conf"
            include "{Machine.Root}/rootfs/etc/lighttpd/conf.d/appliance.conf"
            include "{Machine.Root}/rootfs/etc/lighttpd/conf.d/tls.conf"

            """));
        _lighttpd = NativeProgram.Start(
            _folder.FullPath, new Dictionary<string, string>(), [Machine.Find("lighttpd")!, "-D", "-f", "lighttpd.conf"]);
        await Eventually.TrueAsync("lighttpd answers", async () =>
        {
            try
            {
                using HttpResponseMessage response = await _client.GetAsync(Url("http", _port));
                return true;
            }
            catch (HttpRequestException)
            {
                return false; // not yet
            }
        });
    }

    public async Task DisposeAsync()
    {
        if (_lighttpd is null)
            return;
        Signals.Send(_lighttpd.Pid, Signals.Terminate); // which ends what it has started too; a kill does not
        await _lighttpd.ExitCodeAsync();
        await _lighttpd.DisposeAsync();
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [TlsFact]
    public async Task PagesAreServedEncrypted() =>
        Assert.Contains("<h1>Appliance</h1>", await _client.GetStringAsync(Url("https", _tlsPort)));

    [TlsFact]
    public async Task WhatComesPlainIsSentOnWithItsPathAndQuery()
    {
        using HttpResponseMessage response = await _client.GetAsync(Url("http", _port, "api/status?a=1"));

        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        Assert.Equal(Url("https", _port, "api/status?a=1"), response.Headers.Location);
    }

    [TlsFact]
    public async Task HealthMayBeAskedPlain()
    {
        using HttpResponseMessage response = await _client.GetAsync(Url("http", _port, "api/health"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>TLS stands for the port; the check is the appliance's, the variables lighttpd's.</summary>
    [TlsTheory]
    [InlineData("127.0.0.1:TLS", "https://127.0.0.1:TLS", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:TLS", "http://127.0.0.1:TLS", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1:TLS", "https://127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("router.lan", "https://router.lan", HttpStatusCode.OK)]
    [InlineData("router.lan", "https://router.lan:443", HttpStatusCode.OK)]
    [InlineData("router.lan", "https://router.lan:80", HttpStatusCode.Forbidden)]
    [InlineData("router.lan", "http://router.lan", HttpStatusCode.Forbidden)]
    [InlineData("router.lan", "https://evil.example", HttpStatusCode.Forbidden)]
    public async Task OnlyAPageThatCameEncryptedMayChangeSomething(string host, string origin, HttpStatusCode expected)
    {
        foreach (Version version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Url("https", _tlsPort, "api/change"))
            {
                Content = new StringContent("{}", Encoding.UTF8, "application/json"),
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            request.Headers.Host = host.Replace("TLS", $"{_tlsPort}", StringComparison.Ordinal);
            request.Headers.Add("Origin", origin.Replace("TLS", $"{_tlsPort}", StringComparison.Ordinal));
            using HttpResponseMessage response = await _client.SendAsync(request);

            Assert.Equal((version, expected), (response.Version, response.StatusCode));
        }
    }

    private static Uri Url(string scheme, int port, string path = "") => new($"{scheme}://127.0.0.1:{port}/{path}");
}

/// <summary>Why there are no tests of lighttpd with TLS; null where there are.</summary>
internal static class Tls
{
    public static string? Missing => Machine.Missing
        ?? (File.Exists("/usr/lib/lighttpd/mod_openssl.so") ? null : "lighttpd-mod-openssl is not installed");
}

/// <summary>A fact about lighttpd with TLS: skipped with the reason where that is missing; failed on the runner.</summary>
public sealed class TlsFactAttribute : FactAttribute
{
    public TlsFactAttribute() => Skip = Machine.IsRunner ? null : Tls.Missing;
}

/// <summary>The same for several cases.</summary>
public sealed class TlsTheoryAttribute : TheoryAttribute
{
    public TlsTheoryAttribute() => Skip = Machine.IsRunner ? null : Tls.Missing;
}
