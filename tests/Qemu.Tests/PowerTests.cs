using System.Text.Json;
using System.Threading.Tasks;
using Qemu.Tests.Fixture;
using Xunit;

namespace Qemu.Tests;

/// <summary>What survives: the harness's reboot and power cut do to data what they do on a device.</summary>
[Collection(OnSharedGuest.Name)]
public class PowerTests(SharedGuest shared)
{
    [GuestFact]
    public async Task RebootStopsInOrderAndKeepsEvenWhatWasNotSynced()
    {
        Guest guest = await shared.StartedAsync();
        await guest.Shell.RunAsync("echo rebooted >/data/reboot-test");

        await guest.RebootAsync();

        Assert.Equal("rebooted", await guest.Shell.RunAsync("cat /data/reboot-test"));
        Assert.Contains("stopped", await guest.Shell.RunAsync("grep 'information: stopped' /var/log/messages"));
        JsonElement status = await guest.StatusAsync();
        Assert.InRange(status.GetProperty("uptime_seconds").GetDouble(), 0, 600);
    }

    [GuestFact]
    public async Task OrderlyPowerOffLeavesTheDataDiskUnmounted()
    {
        Guest guest = await shared.StartedAsync();
        Assert.True(guest.NeedsRecovery);

        await guest.ShutDownAsync();

        Assert.False(guest.NeedsRecovery);
        await guest.PowerOnAsync();
    }

    /// <summary>The second half is what makes the first worth something: this power cut does lose data.</summary>
    [GuestFact]
    public async Task PowerCutKeepsWhatWasSyncedAndLosesWhatWasNot()
    {
        Guest guest = await shared.StartedAsync();
        await guest.Shell.RunAsync("echo kept >/data/synced; sync");
        await guest.Shell.RunAsync("echo lost >/data/unsynced");
        Assert.Equal("lost", await guest.Shell.RunAsync("cat /data/unsynced"));

        await guest.PowerCutAsync();

        Assert.Equal("kept", await guest.Shell.RunAsync("cat /data/synced"));
        (_, string unsynced) = await guest.Shell.TryAsync("cat /data/unsynced");
        Assert.DoesNotContain("lost", unsynced);
    }
}
