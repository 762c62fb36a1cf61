using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace Toolchain.Tests;

/// <summary>The appliance itself on the processor of every target that can be built here, as a CGI program.</summary>
public class RunTests
{
    private static readonly string[] Request =
    [
        "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "HTTP_HOST=localhost", "REMOTE_USER=vera", "AUTH_TYPE=Basic",
        "APPLIANCE_ACCESS_USERS_vera=viewer", "TZ=XYZ-5:30",
    ];

    public static TheoryData<string> Targets => [.. Clone.Targets];

    [ScriptTheory]
    [MemberData(nameof(Targets))]
    public async Task TheBinaryRunsOnItsProcessorAndTellsOfThisMachine(string target)
    {
        Assert.Matches(@"\Aappliance \d+\.\d+\.\d+\n\z", (await Binary.RunAsync(target, [], "--version")).Succeeded());
        Assert.Contains("usage: appliance [", (await Binary.RunAsync(target, [], "--help")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal("{\"status\":\"ok\"}", await AskAsync(target, "/api/health"));

        // The kernel's files, and structures that C fills: against what .NET on this machine says of the same.
        using JsonDocument status = JsonDocument.Parse(await AskAsync(target, "/api/status"));
        Assert.Equal(Environment.MachineName, status.RootElement.GetProperty("hostname").GetString());
        string kibibytes = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.Equal(
            long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024,
            status.RootElement.GetProperty("memory").GetProperty("total_bytes").GetInt64());
        JsonElement root = status.RootElement.GetProperty("filesystems").EnumerateArray()
            .First(mount => mount.GetProperty("mountpoint").GetString() == "/");
        Assert.Equal(new DriveInfo("/").TotalSize, root.GetProperty("size_bytes").GetInt64());
        Assert.Contains(
            "\nnode_time_zone_offset_seconds{time_zone=\"XYZ\"} 19800\n", await AskAsync(target, "/api/metrics"), StringComparison.Ordinal);
    }

    /// <summary>The body of an answer 200.</summary>
    private static async Task<string> AskAsync(string target, string path)
    {
        Ended ended = await Binary.RunAsync(target, [.. Request, $"PATH_INFO={path}"]);

        string answer = ended.Succeeded();
        Assert.StartsWith("Status: 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Equal("", ended.Error);
        return answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }
}
