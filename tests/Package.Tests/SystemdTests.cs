using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Toolchain.Tests;
using Xunit;

namespace Package.Tests;

/// <summary>rootfs with the units for systemd, on a Debian whose process 1 is systemd: what the hardening leaves of the device to be seen.</summary>
public sealed class SystemdTests
{
    private const string Login = "anna:four gray bricks";
    private const int QuickFailures = 6; // one more than systemd bears by default, in 10 s

    [ScriptFact]
    public async Task StatusIsTheDevicesAndNotTheSandboxs()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());
        await device.RunAsync("mkdir /home/disk && mount -t tmpfs -o size=7m disk /home/disk");
        await StartAsync(device);

        using JsonDocument document = JsonDocument.Parse(await device.ReadAsync("/api/status?fields=filesystems,processes,warnings", Login));
        JsonElement status = document.RootElement;

        Assert.Equal("[]", status.GetProperty("unavailable").GetRawText());
        Assert.Contains("systemd", status.GetProperty("processes").GetProperty("by_memory").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        Assert.Equal(JsonValueKind.Array, status.GetProperty("warnings").ValueKind);
        JsonElement[] mounts = [.. status.GetProperty("filesystems").EnumerateArray()];
        Assert.All(mounts, mount => Assert.False(mount.GetProperty("read_only").GetBoolean()));
        Assert.DoesNotContain(mounts, mount => mount.GetProperty("mountpoint").GetString() is "/tmp" or "/var/tmp");
        JsonElement home = Assert.Single(mounts, mount => mount.GetProperty("mountpoint").GetString() == "/home/disk");
        Assert.Equal(7 << 20, home.GetProperty("size_bytes").GetInt64());
        string[] readOnly =
        [
            .. (await device.ReadAsync("/api/metrics?collect[]=filesystem", Login)).Split('\n')
                .Where(line => line.StartsWith("node_filesystem_readonly{", StringComparison.Ordinal)),
        ];
        Assert.Equal(mounts.Length, readOnly.Length);
        Assert.All(readOnly, line => Assert.EndsWith(" 0", line, StringComparison.Ordinal));
    }

    [ScriptFact]
    public async Task WhatEndsAgainAndAgainIsStartedAgain()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());
        await StartAsync(device);

        for (int i = 0; i < QuickFailures; i++)
        {
            await device.RunAsync("systemctl kill --signal=KILL appliance.service appliance-web.service");
            await EventuallyServedAsync(device);
        }

        Assert.Equal("active\nactive\nactive\n", await device.RunAsync("systemctl is-active appliance.socket appliance.service appliance-web.service"));
    }

    [ScriptFact]
    public async Task AnAccessLogIsRotated()
    {
        await using DebianRoot device = await WithAsync(await MadePackages.GetAsync());
        await device.RunAsync("sed -i 's|// \"Access\": \"off\",|\"Access\": \"/var/log/appliance/access.log\",|' /etc/appliance/appliance.json");
        await StartAsync(device);

        await DebTests.AssertRotatesAsync(device, "/var/log/private/appliance");
    }

    private static async Task<DebianRoot> WithAsync(MadePackages made)
    {
        DebianRoot device = await DebianRoot.StartWithSystemdAsync();
        await device.OverlayAsync(Clone.Here.At("rootfs"));
        await device.OverlayAsync(Clone.Here.At("rootfs/usr/share/appliance/init/systemd"));
        string program = device.Copy(Clone.Here.At($"artifacts/{MadePackages.Target}/appliance"));
        await device.RunAsync($$"""
            mv {{program}} /usr/bin/appliance && chmod 755 /usr/bin/appliance
            sed -i 's/^var.port .*/var.port = {{device.Port}}/' /etc/lighttpd/lighttpd.conf
            printf '%s:%s\n' anna "$(echo '{{Login[5..]}}' | openssl passwd -6 -stdin)" >/etc/appliance/passwords
            sed -i 's|// "Users": {},|"Users": { "anna": "admin" },|' /etc/appliance/appliance.json
            systemctl daemon-reload
            """);
        return device;
    }

    private static async Task StartAsync(DebianRoot device)
    {
        await device.RunAsync("systemctl start appliance.socket appliance-web.service");
        await EventuallyServedAsync(device);
    }

    private static Task EventuallyServedAsync(DebianRoot device) =>
        Eventually.TrueAsync("/api/health is served", async () =>
        {
            try
            {
                return await device.GetAsync("/api/health") == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false; // lighttpd is being started
            }
        });
}
