using System;
using System.IO;
using System.Net;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
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

    /// <summary>With modules, a password file and a cache of its own: neither stands in the way of the other.</summary>
    [ScriptFact]
    public async Task WhereLighttpdChecksLoginsAlreadyBothAreChecked()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.StartAsync();
        await debian.RunAsync("""
            cat >/etc/lighttpd/conf-enabled/05-own.conf <<'END'
            server.modules += ( "mod_auth", "mod_authn_file" )
            auth.cache = ( "max-age" => "600" )
            auth.backend = "plain"
            auth.backend.plain.userfile = "/etc/lighttpd/own"
            $HTTP["url"] =^ "/own/" { auth.require = ( "" => ( "method" => "basic", "realm" => "own", "require" => "valid-user" ) ) }
            END
            echo 'bert:own' >/etc/lighttpd/own
            mkdir /var/www/html/own && echo mine >/var/www/html/own/index.html
            /etc/init.d/lighttpd start
            """);

        string said = await debian.InstallAsync(made.Deb);
        await MakeUserAsync(debian);

        Assert.DoesNotContain("not enabled", said, StringComparison.Ordinal);
        Assert.Equal("mine\n", await debian.ReadAsync("/own/", "bert:own"));
        Assert.Equal(HttpStatusCode.Unauthorized, await debian.GetAsync("/own/", Login));
        Assert.Equal(HttpStatusCode.OK, await debian.GetAsync("/api/status", Login));
        Assert.Equal(HttpStatusCode.Unauthorized, await debian.GetAsync("/api/status", "bert:own"));
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

    [ScriptFact]
    public async Task UnderSysVItsLinesGoWhereItsReadmeSays()
    {
        await using DebianRoot debian = await DebianRoot.WithAsync(await MadePackages.GetAsync());
        Assert.Equal("/dev/null\n", await debian.RunAsync("readlink /proc/$(pidof appliance)/fd/2"));

        await debian.RunAsync(
            "sed -n 's/^    \\(server.breakagelog\\)/\\1/p' /usr/share/doc/appliance/README.Debian >>/etc/lighttpd/lighttpd.conf; /etc/init.d/lighttpd restart");

        Assert.Equal(HttpStatusCode.OK, await debian.GetAsync("/api/health"));
        Assert.Contains("information: serving on descriptor 0", await debian.RunAsync("cat /var/log/lighttpd/breakage.log"), StringComparison.Ordinal);
    }

    /// <summary>
    /// Debian's kernel shows its messages to root alone, and lighttpd's user is the only one that gets them from the program.
    /// </summary>
    [ScriptFact]
    public async Task TheKernelsWarningsCanBeReadByABackendThatIsNotRoot()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.StartAsync();
        await debian.RunAsync("[ -e /dev/kmsg ] || mknod -m 644 /dev/kmsg c 1 11; /etc/init.d/lighttpd start");

        await debian.InstallAsync(made.Deb);
        await MakeUserAsync(debian);

        using JsonDocument status = JsonDocument.Parse(await debian.ReadAsync("/api/status?fields=warnings", Login));
        Assert.Equal("[]", status.RootElement.GetProperty("unavailable").GetRawText());
        Assert.Equal("33\n", await debian.RunAsync("awk '/^Uid:/ { print $2 }' /proc/$(pidof appliance)/status"));
        Assert.Equal("750 root:www-data\n", await debian.RunAsync("stat -c '%a %U:%G' /usr/bin/appliance"));
    }

    [ScriptFact]
    public async Task WhoKeepsTheProgramWithoutCapabilityKeepsThat()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot debian = await DebianRoot.StartAsync();
        await debian.RunAsync("dpkg-statoverride --add root root 0755 /usr/bin/appliance");

        await debian.InstallAsync(made.Deb);

        Assert.Equal("755 root:root\n", await debian.RunAsync("stat -c '%a %U:%G' /usr/bin/appliance"));
        Assert.Equal("", await debian.RunAsync("getcap /usr/bin/appliance"));
    }

    [ScriptFact]
    public async Task AnAccessLogIsRotated()
    {
        await using DebianRoot debian = await DebianRoot.WithAsync(await MadePackages.GetAsync());
        await debian.RunAsync("""
            sed -i 's|// "Access": "off",|"Access": "/var/log/appliance/access.log",|' /etc/appliance/appliance.json
            /etc/init.d/lighttpd restart
            """);

        await AssertRotatesAsync(debian, "/var/log/appliance");
        Assert.Equal("www-data:www-data\n", await debian.RunAsync("stat -c '%U:%G' /var/log/appliance/access.log"));
    }

    /// <summary>With what logrotate has been given for it.</summary>
    internal static async Task AssertRotatesAsync(DebianRoot device, string folder)
    {
        Assert.Equal(HttpStatusCode.OK, await device.GetAsync("/api/health"));
        await Eventually.TrueAsync("a line in the log", async () => (await device.RunAsync($"cat {folder}/access.log")).Contains("/api/health", StringComparison.Ordinal));
        await device.RunAsync($"head -c 400000 /dev/zero | tr '\\0' x >>{folder}/access.log");

        Ended rotated = await device.TryAsync("logrotate --state /tmp/rotated /etc/logrotate.d/appliance");

        Assert.Equal((0, "", ""), (rotated.ExitCode, rotated.Output, rotated.Error));
        await Eventually.TrueAsync("the log is opened anew", async () => (await device.TryAsync($"test -e {folder}/access.log")).ExitCode == 0);
        Assert.Equal(HttpStatusCode.OK, await device.GetAsync("/api/health"));
        await Eventually.TrueAsync("a line in the new log", async () => (await device.RunAsync($"cat {folder}/access.log")).Contains("/api/health", StringComparison.Ordinal));
        Assert.StartsWith("4", await device.RunAsync($"stat -c %s {folder}/access.log.1"), StringComparison.Ordinal);
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
