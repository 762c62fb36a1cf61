using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Toolchain.Tests;
using Xunit.Sdk;

namespace Package.Tests;

/// <summary>
/// A Debian with lighttpd and a page of its own, in memory, with processes and mounts of its own: whatever happens, all of it is
/// gone with the test. It has no init, and services are started and stopped by their SysV scripts, as on a NAS without systemd; or it has
/// systemd.
/// </summary>
internal sealed class DebianRoot : IAsyncDisposable
{
    public const string Page = "a page of the NAS's own";

    private const string Packages = "lighttpd,openssl,logrotate,libcap2-bin,systemd";

    // $1 a folder to mount at, $2 the root file system, $3 the port, $4 the page.
    private const string Start = """
        set -e
        mkdir -p "$1"
        mount -t tmpfs -o mode=755 none "$1"
        tar -C "$1" -xf "$2"
        mount -t proc none "$1/proc"
        sed -i -e "s/^server.port .*/server.port = $3\nserver.bind = \"127.0.0.1\"/" -e /use-ipv6/d "$1/etc/lighttpd/lighttpd.conf"
        echo "$4" >"$1/var/www/html/index.html"
        # Without an init, Debian starts and stops services only where this file says that it may.
        printf '#!/bin/sh\nexit 0\n' >"$1/usr/sbin/policy-rc.d"
        chmod 755 "$1/usr/sbin/policy-rc.d"

        """;

    // As process 1 it also buries the dead.
    private const string WithoutInit = """
        exec chroot "$1" sh -c 'echo ready; while :; do sleep 3600 & wait; done'
        """;

    // With devices of its own, because systemd sets the permissions of those that it finds.
    private const string WithSystemd = """
        mount -t tmpfs -o mode=755 none "$1/dev"
        for node in null zero full random urandom tty kmsg; do cp -a "/dev/$node" "$1/dev/"; done
        ln -s pts/ptmx "$1/dev/ptmx"
        mount -t tmpfs -o mode=755 none "$1/run"
        mount -t sysfs none "$1/sys"
        groups=$1/sys/fs/cgroup
        if [ -f /sys/fs/cgroup/cgroup.procs ]; then
            mount -t cgroup2 none "$groups"
        else
            mount -t tmpfs -o mode=755 none "$groups"
            mkdir "$groups/unified" "$groups/systemd"
            mount -t cgroup2 none "$groups/unified"
            mount -t cgroup -o none,name=systemd none "$groups/systemd"
        fi
        echo ready
        exec chroot "$1" env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            /lib/systemd/systemd --unit=basic.target --show-status=0 --log-target=null
        """;

    // Control groups of its own, which systemd then takes for all there are; then what $@ says.
    private const string InGroups = """
        set -e
        for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
            [ -f "$hierarchy/cgroup.procs" ] || continue
            mkdir "$hierarchy/appliance-test-$$"
            echo $$ >"$hierarchy/appliance-test-$$/cgroup.procs"
        done
        exec unshare --cgroup "$@"
        """;

    private readonly RunningProgram _processes;
    private readonly string _first;
    private readonly HttpClient _client;

    private DebianRoot(RunningProgram processes, string first, int port)
    {
        (_processes, _first, Port) = (processes, first, port);
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
    }

    public int Port { get; }

    /// <summary>Started, lighttpd not yet; skips the test where that cannot be done.</summary>
    public static Task<DebianRoot> StartAsync() => StartAsync(Start + WithoutInit, "unshare");

    /// <summary>The same with systemd, which has started nothing of ours yet.</summary>
    public static async Task<DebianRoot> StartWithSystemdAsync()
    {
        DebianRoot debian = await StartAsync(Start + WithSystemd, "sh", "-c", InGroups, "sh");
        try
        {
            await Eventually.TrueAsync("systemd has started", async () =>
                (await debian.TryAsync("systemctl is-system-running")).Output is "running\n" or "degraded\n");
            return debian;
        }
        catch
        {
            await debian.DisposeAsync();
            throw;
        }
    }

    private static async Task<DebianRoot> StartAsync(string script, params string[] unshare)
    {
        if (Environment.UserName != "root")
            throw SkipException.ForSkip("a root file system of its own can only be made by root");
        string tar = await RootFileSystemAsync();
        int port = FreePort.Next();
        var processes = new RunningProgram(new ProcessStartInfo(unshare[0],
        [
            .. unshare[1..], "--mount", "--pid", "--fork", "--kill-child",
            "sh", "-c", script, "sh", Path.Combine(MadePackages.Work, "root"), tar, $"{port}", Page,
        ]));
        if (await processes.Output.ReadLineAsync() != "ready")
        {
            string reason = await processes.Error.ReadToEndAsync();
            await processes.DisposeAsync();
            throw SkipException.ForSkip($"no namespaces of its own: {reason.Trim()}");
        }
        string first = (await File.ReadAllTextAsync($"/proc/{processes.Pid}/task/{processes.Pid}/children")).Trim();
        return new DebianRoot(processes, first, port);
    }

    /// <summary>The same with its lighttpd running and the package installed.</summary>
    public static async Task<DebianRoot> WithAsync(MadePackages made)
    {
        DebianRoot debian = await StartAsync();
        await debian.RunAsync("/etc/init.d/lighttpd start");
        await debian.InstallAsync(made.Deb);
        return debian;
    }

    public async Task<Ended> TryAsync(string line) => await Clone.Here.RunAsync(
        "nsenter", "--target", _first, "--mount", "--pid", "--root",
        "env", "--chdir=/", "--ignore-environment", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "sh", "-e", "-c", line);

    /// <summary>Runs a line of shell in it, as root.</summary>
    public async Task<string> RunAsync(string line) => (await TryAsync(line)).Succeeded();

    /// <summary>Copies a file of this machine into it, and says where it is there.</summary>
    public string Copy(string file)
    {
        string copy = $"/tmp/{Path.GetFileName(file)}";
        File.Copy(file, $"/proc/{_first}/root{copy}", overwrite: true);
        return copy;
    }

    /// <summary>Lays a folder of this machine over its root.</summary>
    public Task<string> OverlayAsync(string folder) => MadePackages.ShellAsync("cp -R \"$1/.\" \"$2/\"", folder, $"/proc/{_first}/root");

    /// <summary>Installs or upgrades; what was changed of its configuration is kept. Returns what was said.</summary>
    public async Task<string> InstallAsync(string deb)
    {
        Ended ended = await TryAsync($"dpkg --force-confold --install {Copy(deb)}");
        return ended.Succeeded() + ended.Error;
    }

    public Task<HttpStatusCode> GetAsync(string path) => GetAsync(path, null);

    public async Task<HttpStatusCode> GetAsync(string path, string? login)
    {
        using HttpResponseMessage response = await SendAsync(path, login);
        return response.StatusCode;
    }

    public async Task<string> ReadAsync(string path, string? login = null)
    {
        using HttpResponseMessage response = await SendAsync(path, login);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        int pid = _processes.Pid;
        await _processes.DisposeAsync();
        // What systemd has made, from its leaves on; the kernel lets go of it when the last process has gone.
        foreach (string hierarchy in (string[])["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"])
        {
            string groups = $"{hierarchy}/appliance-test-{pid}";
            await Eventually.TrueAsync($"{groups} can be removed", async () =>
            {
                if (Directory.Exists(groups))
                    await Clone.Here.RunAsync("find", groups, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";");
                return !Directory.Exists(groups);
            });
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string? login)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (login is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        return await _client.SendAsync(request);
    }

    /// <summary>Made once, from Debian's packages.</summary>
    private static async Task<string> RootFileSystemAsync()
    {
        foreach (string command in (string[])["mmdebstrap", "unshare"])
        {
            if ((await Clone.Here.RunAsync("sh", "-c", $"command -v {command}")).ExitCode != 0)
                throw SkipException.ForSkip($"{command} is not installed");
        }
        string tar = Path.Combine(MadePackages.Work, $"{Packages}.tar");
        if (!File.Exists(tar))
        {
            Directory.CreateDirectory(MadePackages.Work);
            string architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
            (await Clone.Here.RunAsync("scripts/debs", "--arch", architecture, "base-files")).OrSkip().Succeeded();
            string mirror = Clone.Here.At($"artifacts/debs/{architecture}/sources.list");
            (await Clone.Here.RunAsync(
                "mmdebstrap", "--quiet", "--variant=minbase", $"--include={Packages}", "bookworm", $"{tar}.new.tar", mirror)).Succeeded();
            File.Move($"{tar}.new.tar", tar);
        }
        return tar;
    }
}
