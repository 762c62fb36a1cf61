using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Toolchain.Tests;
using Xunit;

namespace Package.Tests;

/// <summary>
/// The life of the .ipk on a root file system, unpacked as opkg does it: its scripts, with an rc.common that does at once what
/// OpenWrt's and procd would do.
/// </summary>
public sealed class IpkTests
{
    private const string Login = "anna:four gray bricks";

    private const string RcCommon = """
        procd_open_instance() { :; }
        procd_set_param() { [ "$1" != command ] || { shift; command=$*; }; }
        procd_send_signal() { kill -s "$3" "$(cat /var/run/appliance.pid)"; }
        procd_close_instance() { setsid $command >/var/log/procd 2>&1 </dev/null & }
        script=$1
        . "$script"
        [ "$USE_PROCD" = 1 ] || exit 1
        link=/etc/rc.d/S$START${script##*/}
        echo "$2" >>/tmp/asked
        case $2 in
            enable) ln -sf "../init.d/${script##*/}" "$link" ;;
            disable) rm -f "$link" ;;
            enabled) [ -x "$link" ] ;;
            restart | stop)
                if [ -s /var/run/appliance.pid ]; then # emptied when it ends
                    pid=$(cat /var/run/appliance.pid)
                    stop_service
                    kill "$pid" 2>/dev/null
                    while [ -d "/proc/$pid" ]; do sleep 0.05; done
                fi
                [ "$2" = stop ] || start_service ;;
            *) exit 1 ;;
        esac
        """;

    // What opkg runs of a package, and how it puts its files over those that are there: with a conffile that was changed, the new
    // one is laid beside it.
    private const string Opkg = """
        unpacked() {
            rm -rf /tmp/new && mkdir -p /tmp/new/data /tmp/new/control
            tar -xzOf "$1" ./data.tar.gz | tar -xz -C /tmp/new/data
            tar -xzOf "$1" ./control.tar.gz | tar -xz -C /tmp/new/control
        }
        placed() {
            while read -r file; do
                if [ -f "$file" ] && ! echo "$(cat "/tmp/info$file.sum")  $file" | sha256sum --check --status; then
                    mv "/tmp/new/data$file" "/tmp/new/data$file-opkg"
                else
                    mkdir -p "/tmp/info${file%/*}"
                    sha256sum "/tmp/new/data$file" | cut -d ' ' -f 1 >"/tmp/info$file.sum"
                fi
            done </tmp/new/control/conffiles
            tar -C /tmp/new/data -c . | tar -C / -x --keep-directory-symlink --no-overwrite-dir
            rm -rf /tmp/control && mv /tmp/new/control /tmp/control
        }
        """;

    [ScriptFact]
    public async Task InstalledItServesOnAPortOfItsOwn()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());

        string said = await device.RunAsync("/tmp/control/postinst configure");

        await ServedAsync(device);
        Assert.Equal(HttpStatusCode.Unauthorized, await device.GetAsync("/api/status"));
        Assert.Equal("enable\nenabled\nrestart\n", await device.RunAsync("cat /tmp/asked"));
        Assert.Contains("nobody can log in", said, StringComparison.Ordinal);
        Assert.Equal(
            "750 http:www-data\n750 http:www-data\n", await device.RunAsync("stat -c '%a %U:%G' /var/run/appliance /etc/appliance/state"));
        Assert.Equal("http\n", await device.RunAsync("stat -c %U /proc/$(pidof appliance)"));
    }

    [ScriptFact]
    public async Task InAnImageThatIsBeingMadeNothingRuns()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());

        await device.RunAsync("IPKG_INSTROOT=/image /tmp/control/postinst configure; IPKG_INSTROOT=/image /tmp/control/prerm");

        await device.RunAsync("[ ! -e /tmp/asked ] && [ -e /etc/uci-defaults/50-appliance ] && ! id http 2>/dev/null");
    }

    [ScriptFact]
    public async Task AnUpgradeKeepsWhatWasChangedAndStartsTheNewProgram()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot device = await WithAsync(made);
        await device.RunAsync("/tmp/control/postinst configure");
        await MakeUserAsync(device);
        string settings = await device.RunAsync("cat /etc/appliance/appliance.json");
        string before = await device.RunAsync("pidof appliance");
        await device.RunAsync("touch /etc/appliance/state/kept");

        string said = await UpgradeAsync(device, await NextAsync(made));

        await ServedAsync(device);
        Assert.Equal(HttpStatusCode.OK, await device.GetAsync("/api/status", Login));
        Assert.Equal(settings, await device.RunAsync("cat /etc/appliance/appliance.json"));
        Assert.EndsWith("// later\n", await device.RunAsync("cat /etc/appliance/appliance.json-opkg"), StringComparison.Ordinal);
        Assert.Equal("# later\n", await device.RunAsync("tail -n 1 /etc/appliance/server.conf"));
        Assert.NotEqual(before, await device.RunAsync("pidof appliance"));
        Assert.DoesNotContain("nobody can log in", said, StringComparison.Ordinal);
        await device.RunAsync("[ -L /etc/rc.d/S50appliance ] && [ -f /etc/appliance/state/kept ]");
    }

    [ScriptFact]
    public async Task SwitchedOffItStaysSwitchedOff()
    {
        MadePackages made = await MadePackages.GetAsync();
        await using DebianRoot device = await WithAsync(made);
        await device.RunAsync("/tmp/control/postinst configure");
        await ServedAsync(device);
        await device.RunAsync("/etc/init.d/appliance disable && /etc/init.d/appliance stop && rm /tmp/asked");

        await UpgradeAsync(device, await NextAsync(made));

        Assert.Equal("stop\nenabled\n", await device.RunAsync("cat /tmp/asked"));
        await device.RunAsync("[ ! -e /etc/rc.d/S50appliance ]");
    }

    [ScriptFact]
    public async Task RemovedItRunsNoMoreAndDoesNotStartAtBoot()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());
        await device.RunAsync("/tmp/control/postinst configure");
        await ServedAsync(device);

        await device.RunAsync("/tmp/control/prerm remove");

        await device.RunAsync("[ ! -e /etc/rc.d/S50appliance ]");
        await Eventually.TrueAsync("nothing of it runs", async () => (await device.TryAsync("pidof lighttpd appliance")).ExitCode != 0);
    }

    /// <summary>OpenWrt starts it as it is installed, on the port that is LuCI's.</summary>
    [ScriptFact]
    public async Task OpenWrtsOwnLighttpdIsSwitchedOff()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());
        await HaveOwnLighttpdAsync(device, changed: "/etc/config/dhcp");

        string said = await device.RunAsync("/tmp/control/postinst configure");

        Assert.Equal("lighttpd disable\nlighttpd stop\nenable\nenabled\nrestart\n", await device.RunAsync("cat /tmp/asked"));
        Assert.Contains("OpenWrt's own lighttpd is switched off", said, StringComparison.Ordinal);
    }

    [ScriptFact]
    public async Task OpenWrtsOwnLighttpdIsLeftToWhoHasSetItUp()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());
        await HaveOwnLighttpdAsync(device, changed: "/etc/lighttpd/lighttpd.conf");

        string said = await device.RunAsync("/tmp/control/postinst configure");

        Assert.DoesNotContain("lighttpd", await device.RunAsync("cat /tmp/asked"), StringComparison.Ordinal);
        Assert.Contains("OpenWrt's own lighttpd is left as it is", said, StringComparison.Ordinal);
    }

    /// <summary>dnsmasq writes them elsewhere there.</summary>
    [ScriptFact]
    public async Task StatusHasTheLeasesOfOpenWrtsDnsmasq()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());
        await device.RunAsync("echo '1700003600 02:00:5e:00:53:07 192.0.2.50 laptop *' >/tmp/dhcp.leases; /tmp/control/postinst configure");
        await MakeUserAsync(device);

        string status = await device.ReadAsync("/api/status?fields=dhcp_leases", Login);

        Assert.Contains("\"address\":\"192.0.2.50\"", status, StringComparison.Ordinal);
    }

    /// <summary>An init script that notes what it is asked, and an opkg that knows of one configuration that was changed.</summary>
    private static async Task HaveOwnLighttpdAsync(DebianRoot device, string changed) => await device.RunAsync($$"""
        cat >/etc/init.d/lighttpd <<'END'
        #!/bin/sh
        [ "$1" = enabled ] || echo "lighttpd $1" >>/tmp/asked
        END
        printf '#!/bin/sh\n[ "$1" = list-changed-conffiles ] && echo {{changed}}\n' >/usr/bin/opkg
        chmod 755 /usr/bin/opkg
        """);

    /// <summary>Unpacked as opkg does it, with what a device brings and the port of this test.</summary>
    private static async Task<DebianRoot> WithAsync(MadePackages made)
    {
        DebianRoot device = await DebianRoot.StartAsync();
        await device.RunAsync($$"""
            {{Opkg}}
            unpacked {{device.Copy(made.Ipk)}}
            sed -i 's/^var.port .*/var.port = {{device.Port}}/' /tmp/new/data/etc/appliance/lighttpd.conf
            placed
            mkdir -p /etc/rc.d /lib && cat >/lib/functions.sh <<'END'
            user_exists() { id "$1" >/dev/null 2>&1; }
            user_add() { useradd --system "$1"; }
            END
            cat >/etc/rc.common <<'END'
            {{RcCommon}}
            END
            """);
        return device;
    }

    private static async Task<string> UpgradeAsync(DebianRoot device, string ipk) => await device.RunAsync($$"""
        {{Opkg}}
        export PKG_UPGRADE=1
        unpacked {{device.Copy(ipk)}}
        sed -i 's/^var.port .*/var.port = {{device.Port}}/' /tmp/new/data/etc/appliance/lighttpd.conf
        /tmp/control/prerm upgrade 99
        placed
        /tmp/control/postinst configure
        """);

    private static async Task MakeUserAsync(DebianRoot device)
    {
        await device.RunAsync($$"""
            umask 027
            printf '%s:%s\n' anna "$(echo '{{Login[5..]}}' | openssl passwd -6 -stdin)" >>/etc/appliance/passwords
            chgrp www-data /etc/appliance/passwords
            sed -i 's|// "Users": {},|"Users": { "anna": "admin" },|' /etc/appliance/appliance.json
            /etc/init.d/appliance restart
            """);
        await ServedAsync(device);
        Assert.Equal(HttpStatusCode.OK, await device.GetAsync("/api/status", Login));
    }

    /// <summary>A later package, in which two of the conffiles are other ones.</summary>
    private static async Task<string> NextAsync(MadePackages made)
    {
        string next = Path.Combine(MadePackages.Work, "appliance_99.ipk");
        await MadePackages.ShellAsync(
            """
            rm -rf "$1.d" && mkdir -p "$1.d/data" && cd "$1.d"
            tar -xzf "$2" && tar -xzf data.tar.gz -C data
            echo '// later' >>data/etc/appliance/appliance.json
            echo '# later' >>data/etc/appliance/server.conf
            tar -C data -czf data.tar.gz . && tar -czf "$1" ./debian-binary ./control.tar.gz ./data.tar.gz
            rm -rf "$1.d"
            """,
            next,
            made.Ipk);
        return next;
    }

    private static Task ServedAsync(DebianRoot device) =>
        Eventually.TrueAsync("lighttpd serves /api/health", async () =>
        {
            try
            {
                return await device.GetAsync("/api/health") == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false; // does not listen yet
            }
        });
}
