using System.Threading.Tasks;
using Qemu.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Qemu.Tests;

/// <summary>The ARM images: kernel, init, lighttpd and network in 64 MiB, and our binary as soon as it can be built for them.</summary>
public class ArmTests(ITestOutputHelper output)
{
    [GuestFact("linux-arm", withAppliance: false)]
    public Task ArmServesAPage() => ServesAPage("linux-arm", "armv7l");

    [GuestFact("linux-arm64", withAppliance: false)]
    public Task Arm64ServesAPage() => ServesAPage("linux-arm64", "aarch64");

    [GuestFact("linux-arm")]
    public Task ArmAnswers() => Answers("linux-arm");

    [GuestFact("linux-arm64")]
    public Task Arm64Answers() => Answers("linux-arm64");

    private async Task ServesAPage(string target, string machine)
    {
        await using Guest guest = await Guest.StartAsync(new GuestOptions(target, target, MemoryMiB: 64));
        output.WriteLine($"figures: {target}: first answer in {guest.MemoryMiB} MiB after {guest.FirstAnswer.TotalSeconds:0.0} s");

        Assert.Contains("<h1>Appliance</h1>", await guest.Client.GetStringAsync("/"));
        Assert.Equal(machine, await guest.Shell.RunAsync("uname -m"));
        Assert.Contains("/data ext4", await guest.Shell.RunAsync("cat /proc/mounts"));
    }

    private static async Task Answers(string target)
    {
        await using Guest guest = await Guest.StartAsync(new GuestOptions($"{target}-appliance", target, MemoryMiB: 64));

        Assert.Equal("""{"status":"ok"}""", await guest.Client.GetStringAsync("api/health"));
        Assert.Equal("appliance", (await guest.StatusAsync()).GetProperty("hostname").GetString());
    }
}
