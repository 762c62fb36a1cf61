using System;
using System.IO;
using System.Net;
using System.Text.Json;
using System.Threading.Tasks;
using Toolchain.Tests;
using Xunit;

namespace Package.Tests;

/// <summary>The life of the .deb on a NAS whose lighttpd serves something already.</summary>
public sealed class DebTests
{
    private const string Login = "anna:four gray bricks";

    [ScriptFact]
    public async Task InstalledItIsAddedToWhatIsServed()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.StartAsync();
        await debian.RunAsync("/etc/init.d/lighttpd start");
        Assert.Equal(HttpStatusCode.NotFound, await debian.GetAsync("/api/health"));

        string said = await debian.InstallAsync(made.Deb);

        Assert.Equal(HttpStatusCode.OK, await debian.GetAsync("/api/health"));
        await AssertOwnPageAsync(debian);
        Assert.Equal(
            "750 www-data:www-data\n750 www-data:www-data\n", await debian.RunAsync("stat -c '%a %U:%G' /var/lib/appliance /var/log/appliance"));
        Assert.Contains("nobody can log in until /etc/appliance/passwords has a user", said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await debian.GetAsync("/api/status"));
        Assert.Equal(HttpStatusCode.Unauthorized, await debian.GetAsync("/api/status", "admin:admin"));
    }

    [ScriptFact]
    public async Task AUserMadeAsItsReadmeSaysGetsIn()
    {
        await using DebianRoot debian = await DebianRoot.WithAsync(await MadePackages.GetAsync());

        await MakeUserAsync(debian);

        Assert.Equal(HttpStatusCode.OK, await debian.GetAsync("/api/status", Login));
        Assert.Equal("640 root:www-data\n", await debian.RunAsync("stat -c '%a %U:%G' /etc/appliance/passwords"));
    }

    [ScriptFact]
    public async Task AnUpgradeKeepsWhatWasChangedAndStartsTheNewProgram()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.WithAsync(made);
        await MakeUserAsync(debian);
        string settings = await debian.RunAsync("cat /etc/appliance/appliance.json");
        int before = await PidAsync(debian);

        string said = await debian.InstallAsync(await NextAsync(made));

        Assert.Equal("99\n", await debian.RunAsync("dpkg-query -W -f '${Version}\\n' appliance"));
        Assert.Equal(settings, await debian.RunAsync("cat /etc/appliance/appliance.json"));
        Assert.NotEqual(before, await PidAsync(debian));
        Assert.DoesNotContain("nobody can log in", said, StringComparison.Ordinal);
        await AssertOwnPageAsync(debian);
    }

    [ScriptFact]
    public async Task SwitchedOffItStaysSwitchedOff()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.WithAsync(made);
        await debian.RunAsync("lighty-disable-mod appliance && /etc/init.d/lighttpd restart");

        await debian.InstallAsync(await NextAsync(made));
        await debian.RunAsync("dpkg --remove appliance");
        await debian.InstallAsync(made.Deb);

        Assert.Equal(HttpStatusCode.NotFound, await debian.GetAsync("/api/health"));
        await debian.RunAsync("lighty-enable-mod appliance && /etc/init.d/lighttpd restart");
        Assert.Equal(HttpStatusCode.OK, await debian.GetAsync("/api/health"));
    }

    [ScriptFact]
    public async Task RemovedTheRestIsServedOnAndItCanComeBack()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.WithAsync(made);
        await MakeUserAsync(debian);

        await debian.RunAsync("dpkg --remove appliance");

        Assert.Equal(HttpStatusCode.NotFound, await debian.GetAsync("/api/health"));
        await AssertOwnPageAsync(debian);
        Assert.Equal("", await debian.RunAsync("grep -l appliance /proc/[0-9]*/comm || true"));

        await debian.InstallAsync(made.Deb);

        Assert.Equal(HttpStatusCode.OK, await debian.GetAsync("/api/status", Login));
    }

    [ScriptFact]
    public async Task PurgedItLeavesNothing()
    {
        // But dpkg's own notes and log.
        const string Files = "find / -xdev ! -path '/proc/*' ! -path '/tmp/*' ! -path '/var/lib/dpkg/*' ! -path /var/log/dpkg.log | sort";
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.StartAsync();
        await debian.RunAsync("/etc/init.d/lighttpd start");
        string before = await debian.RunAsync(Files);
        await debian.InstallAsync(made.Deb);
        await MakeUserAsync(debian);
        await debian.RunAsync("touch /var/lib/appliance/kept /var/log/appliance/access.log");

        await debian.RunAsync("dpkg --purge appliance");

        Assert.Equal(before, await debian.RunAsync(Files));
        Assert.Equal("", await debian.RunAsync("ls /var/lib/dpkg/info | grep appliance || true"));
        await AssertOwnPageAsync(debian);
    }

    [ScriptFact]
    public async Task WhereLighttpdRefusesItItIsNotEnabledAndTheRestIsServedOn()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.StartAsync();
        await debian.RunAsync("echo 'var.appliance_socket = \"/taken\"' >/etc/lighttpd/conf-enabled/10-own.conf && /etc/init.d/lighttpd start");

        string said = await debian.InstallAsync(made.Deb);

        Assert.Contains("not enabled, lighttpd refuses its configuration with it", said, StringComparison.Ordinal);
        await debian.RunAsync("/etc/init.d/lighttpd restart");
        await AssertOwnPageAsync(debian);
    }

    [ScriptFact]
    public async Task ALighttpdThatDoesNotRunIsNotStarted()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.StartAsync();

        await debian.InstallAsync(made.Deb);

        Assert.NotEqual(0, (await debian.TryAsync("/etc/init.d/lighttpd status")).ExitCode);
        await debian.RunAsync("/etc/init.d/lighttpd start");
        Assert.Equal(HttpStatusCode.OK, await debian.GetAsync("/api/health"));
    }

    private static async Task AssertOwnPageAsync(DebianRoot debian) =>
        Assert.Equal($"{DebianRoot.Page}\n", await debian.ReadAsync("/"));

    /// <summary>By README.Debian.</summary>
    private static async Task MakeUserAsync(DebianRoot debian) => await debian.RunAsync($$"""
        umask 027
        printf '%s:%s\n' anna "$(echo '{{Login[5..]}}' | openssl passwd -6 -stdin)" >>/etc/appliance/passwords
        chgrp www-data /etc/appliance/passwords
        sed -i 's|// "Users": {},|"Users": { "anna": "admin" },|' /etc/appliance/appliance.json
        /etc/init.d/lighttpd restart
        """);

    private static async Task<int> PidAsync(DebianRoot debian)
    {
        using JsonDocument responder = JsonDocument.Parse(await debian.ReadAsync("/api/responder", Login));
        return responder.RootElement.GetProperty("pid").GetInt32();
    }

    /// <summary>A later package, which comes with other settings.</summary>
    private static async Task<string> NextAsync(MadePackages made)
    {
        string next = Path.Combine(MadePackages.Work, "appliance_99.deb");
        await MadePackages.ShellAsync(
            """
            rm -rf "$1.d" && dpkg-deb --raw-extract "$2" "$1.d"
            sed -i 's/^Version: .*/Version: 99/' "$1.d/DEBIAN/control"
            echo '// later' >>"$1.d/etc/appliance/appliance.json"
            dpkg-deb --build -Znone "$1.d" "$1" && rm -rf "$1.d"
            """,
            next,
            made.Deb);
        return next;
    }
}
