using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit.Sdk;

namespace Qemu.Tests.Fixture;

/// <summary>What kind of machine a guest is.</summary>
/// <param name="Name">Names its console in artifacts/tests.</param>
/// <param name="Target">One of toolchain/targets.</param>
/// <param name="MemoryMiB">What QEMU gives it.</param>
/// <param name="HasDataDisk">Whether anything survives.</param>
/// <param name="Clock">Of the machine at its start, UTC; null for the time it is.</param>
/// <param name="IsEmulated">Without KVM, also where there is one.</param>
public sealed record GuestOptions(
    string Name, string Target = "linux-x64", int MemoryMiB = 80, bool HasDataDisk = true, string? Clock = null, bool IsEmulated = false);

/// <summary>
/// A machine in QEMU, started by scripts/qemu from the image of a target, with a data disk of its own. It can be rebooted, and its
/// power can be cut: QEMU is killed, and what the guest had not handed to its disk is gone.
/// </summary>
public sealed partial class Guest : IAsyncDisposable
{
    private const string User = "tester";
    private const string Password = "for-this-guest-alone";

    private static int _count;

    private readonly GuestOptions _options;
    private readonly string _folder = $"{Machine.Root}/artifacts/qemu/{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
    private readonly StringBuilder _said = new();
    private Process? _process;
    private GuestShell? _shell;
    private HttpClient? _client;

    private Guest(GuestOptions options) => _options = options;

    public static string ImageOf(string target) => $"{Machine.Root}/artifacts/{target}/image";

    /// <summary>From the start of QEMU to the first answer through lighttpd, as scripts/qemu has measured it.</summary>
    public TimeSpan FirstAnswer { get; private set; }

    /// <summary>For the figures of a test: in what kind of machine how long that took.</summary>
    public string Start =>
        $"{_options.Target}: first answer in {MemoryMiB} MiB after {FirstAnswer.TotalSeconds:0.0} s ({How().Match(_said.ToString()).Groups["how"].Value})";

    public int MemoryMiB => _options.MemoryMiB;

    public HttpClient Client => _client!;

    public GuestShell Shell => _shell!;

    /// <summary>Whether the data disk's file system was not unmounted, or is mounted: EXT4_FEATURE_INCOMPAT_RECOVER in its superblock.</summary>
    public bool NeedsRecovery
    {
        get
        {
            Span<byte> features = stackalloc byte[4];
            using FileStream disk = File.Open(DataDisk, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            disk.Position = 1024 + 0x60;
            disk.ReadExactly(features);
            return (BinaryPrimitives.ReadUInt32LittleEndian(features) & 0x4) != 0;
        }
    }

    /// <summary>Where QEMU writes the guest's console. It stays when the tests have ended, with the data disk, which has the guest's log.</summary>
    private string Console => $"{Machine.Root}/artifacts/tests/{_options.Name}.console";

    private string DataDisk => $"{_folder}/data.ext4";

    /// <summary>Starts a machine and waits for its first answer and its shell.</summary>
    public static async Task<Guest> StartAsync(GuestOptions options)
    {
        var guest = new Guest(options);
        try
        {
            Directory.CreateDirectory(guest._folder);
            Directory.CreateDirectory(Path.GetDirectoryName(guest.Console)!);
            await guest.PowerOnAsync();
            if (!File.Exists($"{ImageOf(options.Target)}/without-appliance"))
                await guest.AddUserAsync();
            return guest;
        }
        catch
        {
            await guest.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cuts the power, now, and starts the machine again with the same data disk.</summary>
    public async Task PowerCutAsync()
    {
        await PowerOffAsync();
        await PowerOnAsync();
    }

    /// <summary>Switches the machine off the way its administrator does, and waits for that.</summary>
    public async Task ShutDownAsync()
    {
        await Shell.LeaveAsync("poweroff");
        await _process!.WaitForExitAsync().WaitAsync(Patience.Deadline);
        await PowerOffAsync();
    }

    /// <summary>Switches it on, and waits for the first answer and the shell.</summary>
    public async Task PowerOnAsync()
    {
        string socket = $"{_folder}/shell";
        File.Delete(socket);
        _process = Process.Start(StartInfo())!;
        LeftOver.Note(-_process.Id);
        string line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync() ?? throw new XunitException(
                $"scripts/qemu has ended:\n{_said}{await _process.StandardError.ReadToEndAsync()}see {Console}");
            _said.AppendLine(line);
        }
        while (!line.StartsWith("serving ", StringComparison.Ordinal));
        Match serving = Serving().Match(line);
        FirstAnswer = TimeSpan.FromMilliseconds(int.Parse(serving.Groups["ms"].Value, CultureInfo.InvariantCulture));
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(serving.Groups["url"].Value),
            Timeout = Patience.Deadline,
            DefaultRequestHeaders =
            {
                Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"))),
            },
        };
        // A Unix socket's path has at most 107 bytes, wherever the clone lies.
        _shell = await GuestShell.ConnectAsync(Path.GetRelativePath(Environment.CurrentDirectory, socket));
    }

    /// <summary>Restarts the machine the way its administrator does, and waits until it answers again.</summary>
    public async Task RebootAsync()
    {
        const string BootId = "cat /proc/sys/kernel/random/boot_id";
        string before = await Shell.RunAsync(BootId);
        await Shell.LeaveAsync("reboot");
        await Patience.UntilAsync("another boot", async () =>
        {
            await Shell.ReadyAsync();
            return await Shell.AskAsync(BootId) is string now && now != before; // the old one may be gone before its last word
        });
        await AnswersAsync();
    }

    /// <summary>Waits until the backend answers through lighttpd, also after it has died.</summary>
    public Task AnswersAsync() => Patience.UntilAsync($"an answer of {_options.Name}", async () =>
    {
        try
        {
            using HttpResponseMessage response = await Client.GetAsync("api/health");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // not yet
        }
    });

    /// <summary>The answer of /api/status.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        using JsonDocument status = JsonDocument.Parse(await Client.GetStringAsync("api/status"));
        return status.RootElement.Clone();
    }

    /// <summary>The process of that name in the guest.</summary>
    public async Task<int> PidOfAsync(string program) =>
        int.Parse(await Shell.RunAsync($"pidof {program}"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await PowerOffAsync();
        if (File.Exists(DataDisk))
            File.Move(DataDisk, Path.ChangeExtension(Console, ".data.ext4"), overwrite: true);
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Nobody can log in to a new device; its administrator makes the first user, as README says.</summary>
    private async Task AddUserAsync()
    {
        await Shell.RunAsync($$"""
            umask 027
            echo "{{User}}:$(mkpasswd -m sha512 {{Password}})" >/etc/appliance/passwords
            chgrp www-data /etc/appliance/passwords
            echo '{ "Access": { "Users": { "{{User}}": "admin" } } }' >/etc/appliance/appliance.json
            chmod 644 /etc/appliance/appliance.json
            sync
            /etc/init.d/S50appliance restart
            """);
        await AnswersAsync();
    }

    private async Task PowerOffAsync()
    {
        _shell?.Dispose();
        _client?.Dispose();
        if (_process is null)
            return;
        // QEMU and the script that has started it, at once: neither gets to tidy up.
        Signals.Send(-_process.Id, Signals.Kill);
        await _process.WaitForExitAsync();
        LeftOver.Forget(-_process.Id);
        _process.Dispose();
        _process = null;
    }

    /// <summary>In a session of its own, so that its group holds exactly the script and QEMU.</summary>
    private ProcessStartInfo StartInfo()
    {
        List<string> arguments =
        [
            $"{Machine.Root}/scripts/qemu", "--target", _options.Target, "--image", ImageOf(_options.Target),
            "--memory", _options.MemoryMiB.ToString(CultureInfo.InvariantCulture), "--console", Console, "--shell", "shell",
            "--data", _options.HasDataDisk ? "data.ext4" : "-",
            // Where it starts and how it fails is to be seen on the console.
            "--append", "loglevel=6",
        ];
        if (_options.IsEmulated)
            arguments.Add("--emulate");
        if (_options.Clock is not null)
            arguments.AddRange(["--clock", _options.Clock]);
        return new ProcessStartInfo("setsid", arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    [GeneratedRegex(@"^serving (?<url>\S+) \(first answer after (?<ms>\d+) ms")]
    private static partial Regex Serving();

    [GeneratedRegex(@"^booting .* MiB \((?<how>.*)\)$", RegexOptions.Multiline)]
    private static partial Regex How();
}
