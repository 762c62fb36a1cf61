using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.InitSystems;

/// <summary>
/// The start script for OpenWrt, with an rc.common that tells what procd is asked for. It runs in a copy of the script whose paths
/// are below a folder of the test's.
/// </summary>
public sealed class ProcdTests : IDisposable
{
    private const string RcCommon = """
        procd_open_instance() { echo "open $*"; }
        procd_set_param() { echo "set $*"; }
        procd_close_instance() { echo close; }
        procd_send_signal() { echo "signal $*"; }
        chown() { echo "chown $*"; }
        . "$1"
        [ "$USE_PROCD" = 1 ] || { echo "not for procd"; exit 1; }
        "$2_service"
        """;

    private readonly WorkFolder _root = new();

    public ProcdTests()
    {
        foreach (string folder in (string[])["etc/lighttpd/conf.d", "usr/sbin", "run", "var/lib"])
            Directory.CreateDirectory(_root.At(folder));
        string script = File.ReadAllText($"{Machine.Root}/rootfs/usr/share/appliance/init/openwrt/etc/init.d/appliance");
        foreach (string absolute in (string[])["/etc/lighttpd", "/etc/appliance/", "/usr/sbin", "/var/log/"])
            script = script.Replace($" {absolute}", $" {_root.FullPath}{absolute}").Replace($"={absolute}", $"={_root.FullPath}{absolute}");
        File.WriteAllText(_root.At("script"), script);
        File.WriteAllText(_root.At("rc.common"), RcCommon);
        File.WriteAllText(
            _root.At("etc/lighttpd/lighttpd.conf"),
            File.ReadAllText($"{Machine.Root}/rootfs/etc/lighttpd/lighttpd.conf").Replace("\"/run/", $"\"{_root.FullPath}/run/").Replace("\"/var/", $"\"{_root.FullPath}/var/"));
        LighttpdThatFinds("exit 0");
    }

    [Fact]
    public async Task ProcdKeepsLighttpdInTheForegroundRunning()
    {
        Ended started = await RunAsync("start");

        Assert.Equal("", started.Error);
        Assert.Equal(0, started.ExitCode);
        Assert.Contains($"set command {_root.FullPath}/usr/sbin/lighttpd -D -f {_root.FullPath}/etc/lighttpd/lighttpd.conf\n", started.Output);
        Assert.Contains("set respawn 3600 5 0\n", started.Output);
        Assert.Contains("set stderr 1\n", started.Output);
        Assert.EndsWith("close\n", started.Output);
    }

    [Fact]
    public async Task FoldersAreMadeForTheUserThatLighttpdBecomes()
    {
        Ended started = await RunAsync("start");

        foreach (string folder in (string[])["run/appliance", "var/lib/appliance", "var/log/appliance"])
        {
            Assert.Contains($"chown www-data:www-data {_root.At(folder)}\n", started.Output);
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute,
                File.GetUnixFileMode(_root.At(folder)));
        }
    }

    [Fact]
    public async Task ConfigurationThatLighttpdRefusesIsNotStarted()
    {
        LighttpdThatFinds("echo no good; exit 1");

        Ended started = await RunAsync("start");

        Assert.NotEqual(0, started.ExitCode);
        Assert.Contains("no good", started.Output);
        Assert.DoesNotContain("open", started.Output);
    }

    [Fact]
    public async Task ReloadAsksLighttpdToReadItsSettingsAnew()
    {
        Ended reloaded = await RunAsync("reload");

        Assert.Equal("signal appliance lighttpd USR1\n", reloaded.Output);
    }

    /// <summary>Ours comes before procd's own, which sends SIGTERM.</summary>
    [Fact]
    public async Task StoppedLighttpdIsGivenTimeForRequestsInFlight()
    {
        await using RunningProgram lighttpd = NativeProgram.Start(_root.FullPath, new Dictionary<string, string>(), ["sleep", "1"]);
        await File.WriteAllTextAsync(_root.At("run/lighttpd.pid"), $"{lighttpd.Pid}\n");

        Ended stopped = await RunAsync("stop");

        Assert.Equal("signal appliance lighttpd INT\n", stopped.Output);
        Assert.False(Directory.Exists($"/proc/{lighttpd.Pid}"));
    }

    [Fact]
    public async Task NothingIsStoppedWhereNothingRuns() => Assert.Equal("", (await RunAsync("stop")).Output);

    public void Dispose() => _root.Dispose();

    private void LighttpdThatFinds(string what)
    {
        string file = _root.At("usr/sbin/lighttpd");
        File.WriteAllText(file, $"#!/bin/sh\n{what}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task<Ended> RunAsync(string action) => NativeProgram.RunAsync(
        _root.FullPath, new Dictionary<string, string>(), ["/bin/sh", "rc.common", "./script", action]);
}
