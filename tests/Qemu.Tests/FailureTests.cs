using System.Globalization;
using System.Text.Json;
using System.Threading.Tasks;
using Qemu.Tests.Fixture;
using Xunit;

namespace Qemu.Tests;

/// <summary>What goes wrong on a device while it runs, and that it serves on.</summary>
[Collection(OnSharedGuest.Name)]
public class FailureTests(SharedGuest shared)
{
    /// <summary>
    /// Writes to one buffer from its start to wherever the kernel steps in. Just short of all memory there is, because more would be
    /// refused at once, and far more than is free.
    /// </summary>
    private const string TakeAllMemory = "dd if=/dev/zero of=/dev/null count=1 bs=$(awk '/MemTotal/ { print $2 - 1024 }' /proc/meminfo)k";

    [GuestFact]
    public async Task KilledBackendIsStartedAgain()
    {
        Guest guest = await shared.StartedAsync();
        int before = await guest.PidOfAsync("appliance");
        int front = await guest.PidOfAsync("lighttpd");

        await guest.Shell.RunAsync($"kill -KILL {before}");
        await guest.AnswersAsync();

        Assert.NotEqual(before, await guest.PidOfAsync("appliance"));
        Assert.Equal(front, await guest.PidOfAsync("lighttpd"));
    }

    [GuestFact]
    public async Task MemoryThatOthersTakeEndsThemAndNotTheDevice()
    {
        Guest guest = await shared.StartedAsync();
        int front = await guest.PidOfAsync("lighttpd");

        (int exitCode, string said) = await guest.Shell.TryAsync(TakeAllMemory);
        await guest.AnswersAsync();

        Assert.True(exitCode is 128 + 9, $"dd ended with {exitCode}: {said}");
        Assert.Equal(front, await guest.PidOfAsync("lighttpd"));
    }

    [GuestFact]
    public async Task BackendThatTheKernelChoosesWhenMemoryIsShortIsStartedAgain()
    {
        Guest guest = await shared.StartedAsync();
        int before = await guest.PidOfAsync("appliance");
        int front = await guest.PidOfAsync("lighttpd");

        await guest.Shell.RunAsync($"echo 1000 >/proc/{before}/oom_score_adj");
        await guest.Shell.TryAsync(TakeAllMemory);
        await guest.AnswersAsync();

        Assert.NotEqual(before, await guest.PidOfAsync("appliance"));
        Assert.Equal(front, await guest.PidOfAsync("lighttpd"));
    }

    [GuestFact]
    public async Task FullDataDiskIsReportedAndServedOn()
    {
        Guest guest = await shared.StartedAsync();
        try
        {
            (int exitCode, string said) = await guest.Shell.TryAsync("dd if=/dev/zero of=/data/fill bs=64k");
            Assert.NotEqual(0, exitCode);
            Assert.Contains("No space left on device", said);
            await guest.Shell.RunAsync("sync");

            JsonElement data = FilesystemAt(await guest.StatusAsync(), "/data");

            Assert.InRange(data.GetProperty("available_bytes").GetInt64(), 0, 64 * 1024);
            Assert.Equal("ext4", data.GetProperty("type").GetString());
            // Nor does it hold up a start.
            await guest.Shell.RunAsync("/etc/init.d/S50appliance restart");
            await guest.AnswersAsync();
        }
        finally
        {
            await guest.Shell.RunAsync("rm -f /data/fill");
        }
    }

    /// <summary>
    /// A device without a battery starts in 1970, and the clock jumps by decades once it knows the time. lighttpd restarts itself
    /// at such a jump.
    /// </summary>
    [GuestFact]
    public async Task ClockThatJumpsTo1970AndBackChangesNoDuration()
    {
        Guest guest = await shared.StartedAsync();
        double before = await UptimeAsync(guest);
        string now = await guest.Shell.RunAsync("date +%s");
        try
        {
            // The kernel refuses a time before its own start (do_settimeofday64), so not 0.
            await guest.Shell.RunAsync("date -s @7200");
            Assert.StartsWith("1970-01-01", await guest.Shell.RunAsync("date +%F"));
            await guest.AnswersAsync();
            Assert.InRange(await UptimeAsync(guest), before, before + 3600);

            await guest.Shell.RunAsync("/etc/init.d/S50appliance restart");
            await guest.AnswersAsync();
        }
        finally
        {
            await guest.Shell.RunAsync($"date -s @{now}");
        }
        await Patience.UntilAsync("lighttpd notices the jump", async () =>
            (await guest.Shell.TryAsync("grep 'clock jumped' /var/log/messages")).ExitCode == 0);
        await guest.AnswersAsync();
        Assert.InRange(await UptimeAsync(guest), before, before + 3600);
    }

    /// <summary>What init does when settings have changed; a request that waits meanwhile is answered.</summary>
    [GuestFact]
    public async Task ReloadStartsTheBackendAnewAndKeepsTheFront()
    {
        Guest guest = await shared.StartedAsync();
        int before = await guest.PidOfAsync("appliance");
        int front = await guest.PidOfAsync("lighttpd");

        await guest.Shell.RunAsync("/etc/init.d/S50appliance reload");
        await Patience.UntilAsync("another backend", async () =>
            (await guest.Shell.TryAsync("pidof appliance")) is (0, var pid) && int.Parse(pid, CultureInfo.InvariantCulture) != before);

        await guest.AnswersAsync();
        Assert.Equal(front, await guest.PidOfAsync("lighttpd"));
    }

    [GuestFact]
    public async Task StoppedServiceLeavesNothingRunningAndStartsAgain()
    {
        Guest guest = await shared.StartedAsync();

        await guest.Shell.RunAsync("/etc/init.d/S50appliance stop");
        Assert.Equal((1, ""), await guest.Shell.TryAsync("pidof lighttpd appliance"));
        Assert.Equal((3, "stopped"), await guest.Shell.TryAsync("/etc/init.d/S50appliance status"));

        await guest.Shell.RunAsync("/etc/init.d/S50appliance start");
        Assert.Equal("running", await guest.Shell.RunAsync("/etc/init.d/S50appliance status"));
        await guest.AnswersAsync();
    }

    private static async Task<double> UptimeAsync(Guest guest) => (await guest.StatusAsync()).GetProperty("uptime_seconds").GetDouble();

    private static JsonElement FilesystemAt(JsonElement status, string mountpoint) =>
        Assert.Single(status.GetProperty("filesystems").EnumerateArray(), f => f.GetProperty("mountpoint").GetString() == mountpoint);
}
