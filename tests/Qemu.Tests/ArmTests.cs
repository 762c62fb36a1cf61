using System.Threading.Tasks;
using Qemu.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Qemu.Tests;

/// <summary>The ARM images: kernel, init, lighttpd and network, and our binary as soon as it can be built for them.</summary>
public class ArmTests(ITestOutputHelper output)
{
    private const int ArmMiB = 64;
    // The first answer comes in less (scripts/footprint --smallest), but with the console that these tests talk to and the kernel's log
    // on the other, the kernel ends the backend for want of memory in 64 MiB.
    private const int Arm64MiB = 80;

    [GuestFact("linux-arm", withAppliance: false)]
    public Task ArmServesAPage() => ServesAPage("linux-arm", "armv7l", ArmMiB);

    [GuestFact("linux-arm64", withAppliance: false)]
    public Task Arm64ServesAPage() => ServesAPage("linux-arm64", "aarch64", Arm64MiB);

    [GuestFact("linux-arm")]
    public Task ArmAnswers() => Answers("linux-arm", ArmMiB);

    [GuestFact("linux-arm64")]
    public Task Arm64Answers() => Answers("linux-arm64", Arm64MiB);

    private async Task ServesAPage(string target, string machine, int memoryMiB)
    {
        await using Guest guest = await Guest.StartAsync(new GuestOptions(target, target, memoryMiB));
        output.WriteLine($"figures: {guest.Start}");

        Assert.Contains("<h1>Appliance</h1>", await guest.Client.GetStringAsync("/"));
        Assert.Equal(machine, await guest.Shell.RunAsync("uname -m"));
        Assert.Contains("/data ext4", await guest.Shell.RunAsync("cat /proc/mounts"));
    }

    private static async Task Answers(string target, int memoryMiB)
    {
        await using Guest guest = await Guest.StartAsync(new GuestOptions($"{target}-appliance", target, memoryMiB));

        Assert.Equal("""{"status":"ok"}""", await guest.Client.GetStringAsync("api/health"));
        Assert.Equal("appliance", (await guest.StatusAsync()).GetProperty("hostname").GetString());
    }
}
