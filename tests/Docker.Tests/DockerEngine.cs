using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Toolchain.Tests;
using Xunit;
using Xunit.Sdk;

namespace Docker.Tests;

/// <summary>
/// A Docker engine of these tests' own, with a base image made from Debian's packages and an SDK image made from this machine's
/// SDK: no registry is asked for anything. All of it is gone afterwards but the base image's file.
/// </summary>
public sealed class DockerEngine : IAsyncLifetime, IAsyncDisposable
{
    public const string BaseImage = "appliance-tests/base";
    public const string SdkImage = "appliance-tests/sdk";

    private static readonly Clone Clone = Clone.Here;

    // dockerd makes sockets below its folder for state: their paths have to be short, wherever the clone lies.
    private readonly string _state = $"/run/appliance-tests-{Environment.ProcessId}";
    private readonly string _data = Clone.At("artifacts/docker/engine");
    private RunningProgram? _daemon;
    private string? _missing;
    private string _client = "";

    public async Task InitializeAsync()
    {
        _missing = await FirstMissingAsync();
        if (_missing is not null)
            return;
        await RemoveAsync();
        Directory.CreateDirectory(_data);
        Directory.CreateDirectory(_state);
        await StartAsync();
        await ImportBaseAsync();
        await ImportSdkAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            (await Clone.RunAsync("kill", "-TERM", $"{_daemon.Pid}")).Succeeded();
            await _daemon.ExitCodeAsync();
            await _daemon.DisposeAsync();
            await RemoveAsync();
        }
    }

    /// <summary>Runs the client; skips the test where there is no engine.</summary>
    public Task<Ended> RunAsync(params string[] arguments) => _missing is null
        ? Clone.RunWithAsync(
            new() { ["DOCKER_HOST"] = $"unix://{_state}/docker.sock", ["DOCKER_BUILDKIT"] = "1" },
            [_client, .. arguments])
        : throw SkipException.ForSkip(_missing);

    private async Task<string?> FirstMissingAsync()
    {
        foreach (string command in (string[])["dockerd", "mmdebstrap"])
        {
            if ((await Clone.RunAsync("sh", "-c", $"command -v {command}")).ExitCode != 0)
                return $"{command} is not installed: apt-get install {(command == "dockerd" ? "docker.io" : command)}";
        }
        if (Environment.UserName != "root")
            return "an engine of its own can only be started by root";

        // The client may be another one than the engine's. BuildKit is in those before 23, and a plugin of the later ones.
        foreach (string client in (string[])["/usr/bin/docker", "docker"])
        {
            _client = client;
            string version = (await Clone.RunAsync("sh", "-c", $"{client} --version")).Output;
            bool isOld = version.StartsWith("Docker version 20.", StringComparison.Ordinal);
            if (isOld || (await Clone.RunAsync("sh", "-c", $"{client} buildx version")).ExitCode == 0)
                return null;
        }
        return "docker buildx is not installed: apt-get install docker-buildx";
    }

    private async Task StartAsync()
    {
        // No bridge and no rules for packets: builds use the machine's network.
        var start = new ProcessStartInfo("/bin/sh",
        [
            "-c", "exec dockerd --data-root \"$1\" --exec-root \"$2\" --pidfile \"$2/pid\" --host \"unix://$2/docker.sock\" "
                + "--iptables=false --bridge=none >\"$1.log\" 2>&1",
            "sh", _data, _state,
        ]);
        _daemon = new RunningProgram(start);
        await Eventually.TrueAsync($"the engine answers (see {_data}.log)", async () => (await RunAsync("version")).ExitCode == 0);
    }

    private async Task ImportBaseAsync()
    {
        string tar = Clone.At("artifacts/docker/base.tar");
        if (!File.Exists(tar))
        {
            string architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
            (await Clone.RunAsync("scripts/debs", "--arch", architecture, "base-files")).OrSkip().Succeeded();
            string mirror = Clone.At($"artifacts/debs/{architecture}/sources.list");
            (await Clone.RunAsync("mmdebstrap", "--quiet", "--variant=minbase", "bookworm", $"{tar}.new.tar", mirror)).Succeeded();
            File.Move($"{tar}.new.tar", tar);
        }
        (await RunAsync("import", tar, BaseImage)).Succeeded();
    }

    private async Task ImportSdkAsync()
    {
        // As it says itself, "10.0.401 [/usr/share/dotnet/sdk]": what is on PATH may be a script that starts it.
        string sdks = (await Clone.RunAsync("dotnet", "--list-sdks")).Succeeded();
        string root = Path.GetDirectoryName(sdks.TrimEnd()[(sdks.LastIndexOf('[') + 1)..^1])!;
        string tar = Clone.At("artifacts/docker/sdk.tar");
        // Names and targets of hard links move to where the official image has them; targets of symbolic links are relative.
        (await Clone.RunAsync("tar", "-C", root, "-c", "-f", tar, "--transform=s,^\\.,usr/share/dotnet,rSh", ".")).Succeeded();
        (await RunAsync("import", tar, SdkImage)).Succeeded();
        File.Delete(tar);
    }

    /// <summary>Removes what an engine leaves; one that was killed leaves mounts, below which nothing must be removed.</summary>
    private async Task RemoveAsync()
    {
        foreach (string folder in (string[])[_data, _state])
        {
            string[] mounts = [.. File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1])
                .Where(path => path.StartsWith($"{folder}/", StringComparison.Ordinal)).OrderDescending()];
            foreach (string mount in mounts)
                (await Clone.RunAsync("umount", mount)).Succeeded();
            if (Directory.Exists(folder))
                (await Clone.RunAsync("rm", "-rf", "--one-file-system", folder)).Succeeded();
        }
    }
}
