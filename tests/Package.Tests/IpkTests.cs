using System;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Toolchain.Tests;
using Xunit;

namespace Package.Tests;

/// <summary>The .ipk, unpacked over a root file system: its scripts, with an rc.common that does at once what procd would do.</summary>
public sealed class IpkTests
{
    private const string RcCommon = """
        procd_open_instance() { :; }
        procd_set_param() { [ "$1" != command ] || { shift; command=$*; }; }
        procd_close_instance() { setsid $command >/var/log/procd 2>&1 </dev/null & }
        script=$1
        case $2 in
            enable | disable | stop) echo "$2" >>/tmp/asked ;;
            restart) . "$script"; [ "$USE_PROCD" = 1 ] && start_service ;;
        esac
        """;

    [ScriptFact]
    public async Task InstalledItServesOnAPortOfItsOwn()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());

        string said = await device.RunAsync("/tmp/control/postinst configure");

        await EventuallyServedAsync(device);
        Assert.Equal(HttpStatusCode.Unauthorized, await device.GetAsync("/api/status"));
        Assert.Equal("enable\n", await device.RunAsync("cat /tmp/asked"));
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

    /// <summary>Unpacked as opkg does it, with what a device brings and the port of this test.</summary>
    private static async Task<DebianRoot> WithAsync(MadePackages made)
    {
        DebianRoot device = await DebianRoot.StartAsync();
        await device.RunAsync($$"""
            cd /tmp && tar -xzf {{device.Copy(made.Ipk)}}
            tar -xzf data.tar.gz -C / --keep-directory-symlink
            mkdir control && tar -xzf control.tar.gz -C control
            sed -i 's/^var.port .*/var.port = {{device.Port}}/' /etc/appliance/lighttpd.conf
            mkdir -p /lib && cat >/lib/functions.sh <<'END'
            user_exists() { id "$1" >/dev/null 2>&1; }
            user_add() { useradd --system "$1"; }
            END
            cat >/etc/rc.common <<'END'
            {{RcCommon}}
            END
            """);
        return device;
    }

    private static Task EventuallyServedAsync(DebianRoot device) =>
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
