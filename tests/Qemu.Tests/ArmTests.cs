using System.Threading.Tasks;
using Qemu.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Qemu.Tests;

/// <summary>The ARM images: kernel, init, lighttpd and network, and our binary as soon as it can be built for them.</summary>
public class ArmTests(ITestOutputHelper output)
{
    private const int ArmMiB = 64;
    // Debian's kernel keeps 25 MiB of this to itself from the start and makes 25 MiB of tables: in 64 MiB it runs out of memory.
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
