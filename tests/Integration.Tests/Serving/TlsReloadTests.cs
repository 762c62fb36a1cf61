using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.Serving;

/// <summary>conf.d/tls.conf when lighttpd reads it again: by then it is not root any more, where it has been.</summary>
public sealed class TlsReloadTests : IDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly int _tlsPort = FreePort.Next();

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>It restarts itself the same way when the clock jumps. With the key readable for root alone that would be its end.</summary>
    [TlsFact]
    public async Task AReloadReadsTheKeyAgainAndMayTurnOnStrictTransportSecurity()
    {
        SelfSigned certificate = await SelfSigned.MakeAsync(_folder);
        using HttpClient client = certificate.NewClient();
        await WriteSettingsAsync();
        await using RunningProgram lighttpd = NativeProgram.Start(
            _folder.FullPath, new Dictionary<string, string>(), [Machine.Find("lighttpd")!, "-D", "-f", "lighttpd.conf"]);
        await Eventually.TrueAsync("lighttpd serves HTTPS", async () => await StrictTransportSecurityAsync(client) is []);
        string settings = await File.ReadAllTextAsync(_folder.At("tls.conf"));
        string strict = settings.Replace("\n#$HTTP[", "\n$HTTP[", StringComparison.Ordinal);
        Assert.NotEqual(settings, strict);
        await File.WriteAllTextAsync(_folder.At("tls.conf"), strict);

        Signals.Send(lighttpd.Pid, Signals.User1);

        await Eventually.TrueAsync(
            "lighttpd serves HTTPS with its new settings", async () => await StrictTransportSecurityAsync(client) is ["max-age=31536000"]);
        if (IsRoot)
            Assert.DoesNotContain("Uid:\t0\t", await File.ReadAllTextAsync($"/proc/{lighttpd.Pid}/status"), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Copies with relative names: the user that lighttpd becomes need not be able to reach the clone.</summary>
    private async Task WriteSettingsAsync()
    {
        foreach (string file in (string[])["server.conf", "conf.d/tls.conf"])
            File.Copy($"{Machine.Root}/rootfs/etc/lighttpd/{file}", _folder.At(Path.GetFileName(file)));
        await File.WriteAllTextAsync(_folder.At("lighttpd.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            var.bind            = "127.0.0.1"
            var.port            = {FreePort.Next()}
            var.document_root   = "/usr/lib"
            var.run_dir         = "."
            var.tls_socket      = "127.0.0.1:{_tlsPort}"
            var.tls_certificate = "{SelfSigned.Certificate}"
            var.tls_key         = "{SelfSigned.Key}"
            {(IsRoot ? "server.username = \"www-data\"\nserver.groupname = \"www-data\"" : "")}
            include "server.conf"
            include "tls.conf"

            """));
        if (!IsRoot)
            return;
        // As tls.conf says.
        File.SetUnixFileMode(_folder.At(SelfSigned.Key), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Ended changed = await NativeProgram.RunAsync(_folder.FullPath, new Dictionary<string, string>(), ["chgrp", "www-data", SelfSigned.Key]);
        Assert.Equal((0, ""), (changed.ExitCode, changed.Error));
    }

    /// <summary>The field's values; null where nobody answers.</summary>
    private async Task<string[]?> StrictTransportSecurityAsync(HttpClient client)
    {
        try
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri($"https://127.0.0.1:{_tlsPort}/"));
            return response.Headers.TryGetValues("Strict-Transport-Security", out IEnumerable<string>? values) ? [.. values] : [];
        }
        catch (HttpRequestException)
        {
            return null; // not yet, or between two sockets
        }
    }
}
