using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Qemu.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Qemu.Tests;

/// <summary>The device serves, and what it says about itself is true of it, not of the machine that emulates it.</summary>
[Collection(OnSharedGuest.Name)]
public class ServingTests(SharedGuest shared, ITestOutputHelper output)
{
    private const int Clients = 8;
    private const int RequestsOfEach = 50;

    [GuestFact]
    public async Task AnswersInTheSmallestMachineItsKernelStartsIn()
    {
        Guest guest = await shared.StartedAsync();
        var kernel = KernelHeader.Read($"{Guest.ImageOf("linux-x64")}/kernel");
        output.WriteLine($"figures: {guest.Start}");

        using HttpResponseMessage response = await guest.Client.GetAsync("api/health");

        Assert.Equal("""{"status":"ok"}""", await response.Content.ReadAsStringAsync());
        Assert.True(kernel.NeedsMiB > 64, "this kernel could start in 64 MiB: then the guest of these tests is to have no more");
        Assert.InRange(guest.MemoryMiB - kernel.NeedsMiB, 0, 16);
    }

    [GuestFact]
    public async Task StatusIsTheGuestsOwn()
    {
        Guest guest = await shared.StartedAsync();
        JsonElement status = await guest.StatusAsync();

        Assert.Equal("appliance", status.GetProperty("hostname").GetString());
        Assert.Equal(await guest.Shell.RunAsync("uname -r"), status.GetProperty("kernel").GetString());
        Assert.Equal(1, status.GetProperty("cpu").GetProperty("count").GetInt32());
        double later = double.Parse((await guest.Shell.RunAsync("cat /proc/uptime")).Split(' ')[0], CultureInfo.InvariantCulture);
        double uptime = status.GetProperty("uptime_seconds").GetDouble();
        Assert.InRange(uptime, 1, later);
        Assert.True(later < 3600, $"an uptime of {later} s is not that of a guest that was just started");
    }

    /// <summary>Debian's kernel keeps up to 48 MiB of this machine to itself: its code, and a word for each page.</summary>
    [GuestFact]
    public async Task StatusHasTheMemoryThatWasGiven()
    {
        Guest guest = await shared.StartedAsync();
        JsonElement memory = (await guest.StatusAsync()).GetProperty("memory");
        string total = (await guest.Shell.RunAsync("sed -n 's/MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo")).Trim();

        long bytes = memory.GetProperty("total_bytes").GetInt64();
        Assert.Equal(long.Parse(total, CultureInfo.InvariantCulture) * 1024, bytes);
        Assert.InRange(bytes, (guest.MemoryMiB - 48L) << 20, (long)guest.MemoryMiB << 20);
    }

    /// <summary>Debian's kernel would keep its messages from a backend that is not root.</summary>
    [GuestFact]
    public async Task StatusHasTheKernelsWarnings()
    {
        Guest guest = await shared.StartedAsync();
        await guest.Shell.RunAsync("echo '<3>appliance-test: something is wrong' >/dev/kmsg");

        JsonElement status = await guest.StatusAsync();

        Assert.Contains(
            status.GetProperty("warnings").EnumerateArray(),
            warning => warning.GetProperty("message").GetString() == "appliance-test: something is wrong"
                && warning.GetProperty("level").GetString() == "error");
        Assert.Equal(0, status.GetProperty("unavailable").GetArrayLength());
    }

    [GuestFact]
    public async Task EveryRequestOfALoadIsAnsweredByTheSameProcess()
    {
        Guest guest = await shared.StartedAsync();
        int before = await guest.PidOfAsync("appliance");

        HttpStatusCode[][] answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            var codes = new HttpStatusCode[RequestsOfEach];
            for (int i = 0; i < codes.Length; i++)
            {
                using HttpResponseMessage response = await guest.Client.GetAsync("api/health");
                codes[i] = response.StatusCode;
            }
            return codes;
        }));

        Assert.All(answers.SelectMany(codes => codes), code => Assert.Equal(HttpStatusCode.OK, code));
        Assert.Equal(before, await guest.PidOfAsync("appliance"));
    }

    [GuestFact]
    public async Task RunsAsNobodyWhoMayChangeTheDevice()
    {
        Guest guest = await shared.StartedAsync();

        foreach (string program in (string[])["lighttpd", "appliance", "logger"])
        {
            int pid = await guest.PidOfAsync(program);
            Assert.Equal("33 33 33 33", (await guest.Shell.RunAsync($"sed -n 's/^Uid:\\t//p' /proc/{pid}/status")).Replace('\t', ' '));
            Assert.Equal("0000000000000000", await guest.Shell.RunAsync($"sed -n 's/^CapEff:\\t//p' /proc/{pid}/status"));
        }
    }
}
