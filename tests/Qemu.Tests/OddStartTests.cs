using System.Text.Json;
using System.Threading.Tasks;
using Qemu.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Qemu.Tests;

/// <summary>A device that has lost its data disk and whose clock's battery is empty.</summary>
public class OddStartTests(ITestOutputHelper output)
{
    /// <summary>Emulated, so that a machine with KVM tries that too.</summary>
    [GuestFact]
    public async Task StartsAndAnswersWithoutDataDiskIn1970AndSaysSo()
    {
        await using Guest guest = await Guest.StartAsync(new GuestOptions(
            "no-disk-no-clock", HasDataDisk: false, Clock: "1970-01-01T00:00:00", IsEmulated: true));
        output.WriteLine($"figures: {guest.Start}");

        JsonElement status = await guest.StatusAsync();

        Assert.InRange(status.GetProperty("uptime_seconds").GetDouble(), 1, 600);
        Assert.InRange(status.GetProperty("boot_time_unix_seconds").GetInt64(), 0, 3600);
        JsonElement data = Assert.Single(
            status.GetProperty("filesystems").EnumerateArray(), f => f.GetProperty("mountpoint").GetString() == "/data");
        Assert.Equal("tmpfs", data.GetProperty("type").GetString());
        Assert.Contains("no usable data disk", await guest.Shell.RunAsync("cat /var/log/messages"));
    }
}
