using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary><c>GET /api/status</c> of the machine the tests run on, beside what its kernel says here.</summary>
public class StatusTests(ITestOutputHelper output) : UnderLighttpd("appliance", output)
{
    [NativeFact]
    public async Task StatusIsThatOfThisMachine()
    {
        double before = Uptime();
        using JsonDocument document = JsonDocument.Parse(await Client.GetStringAsync("api/status"));
        double after = Uptime();
        JsonElement status = document.RootElement;

        Assert.Equal(KernelLine("/proc/sys/kernel/hostname"), status.GetProperty("hostname").GetString());
        Assert.Contains(KernelLine("/proc/sys/kernel/osrelease"), status.GetProperty("kernel").GetString());
        Assert.InRange(status.GetProperty("uptime_seconds").GetDouble(), before, after);
        Assert.Equal(MemoryTotal(), status.GetProperty("memory").GetProperty("total_bytes").GetInt64());
        Assert.Equal(Processors(), status.GetProperty("cpu").GetProperty("count").GetInt32());
        Assert.Contains("lo", status.GetProperty("interfaces").EnumerateArray().Select(i => i.GetProperty("name").GetString()));
        Assert.Equal(0, status.GetProperty("unavailable").GetArrayLength());
    }

    [NativeFact]
    public async Task StatusIsReadAnewForEveryRequest()
    {
        double first = await UptimeServedAsync();

        await Eventually.TrueAsync("a later uptime", async () => await UptimeServedAsync() > first);
    }

    [NativeFact]
    public async Task CountersCountWhatServingThemTook()
    {
        long first = await LoopbackBytesServedAsync();
        long second = await LoopbackBytesServedAsync();

        Assert.InRange(second - first, 1, long.MaxValue);
    }

    private async Task<double> UptimeServedAsync()
    {
        using JsonDocument document = JsonDocument.Parse(await Client.GetStringAsync("api/status"));
        return document.RootElement.GetProperty("uptime_seconds").GetDouble();
    }

    private async Task<long> LoopbackBytesServedAsync()
    {
        using HttpClient client = Front.NewClient();
        using JsonDocument document = JsonDocument.Parse(await client.GetStringAsync("api/status"));
        return document.RootElement.GetProperty("interfaces").EnumerateArray()
            .Single(i => i.GetProperty("name").GetString() == "lo").GetProperty("receive").GetProperty("bytes").GetInt64();
    }

    private static string KernelLine(string file) => File.ReadAllText(file).TrimEnd('\n');

    private static double Uptime() => double.Parse(KernelLine("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);

    private static long MemoryTotal()
    {
        string line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static int Processors() => File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal)) - 1;
}
