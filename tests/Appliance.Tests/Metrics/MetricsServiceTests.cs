using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>The metrics of the whole program, with this machine's files.</summary>
public class MetricsServiceTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task TheProgramsOwnFiguresAreAmongThem()
    {
        await using var service = new RunningService();
        await service.AskAsync();
        Exposition exposition = await ScrapeAsync(service, "collect[]=appliance");
        Assert.Equal(2, exposition.Samples["appliance_requests_total"]);
        Assert.Equal("counter", exposition.Types["appliance_requests_total"]);
        Assert.Equal(1, exposition.Samples["appliance_requests_active"]);
        Assert.Equal(0, exposition.Samples["appliance_blocking_handlers"]); // a scrape is none: it has a thread of its own
        Assert.InRange(exposition.Samples["appliance_resident_memory_bytes"], 1e6, 1e11);
        Assert.Contains($"appliance_build_info{{version=\"{ProgramVersion.Text}\"}}", exposition.Samples.Keys);
    }

    [Fact]
    public async Task ItsProcessHasTheNamesThatClientLibrariesGiveIt()
    {
        await using var service = new RunningService("""{"Paths": {"Proc": "$/none"}}""");
        Exposition exposition = await ScrapeAsync(service, "collect[]=appliance");
        Assert.Equal("counter", exposition.Types["process_cpu_seconds_total"]);
        Assert.InRange(exposition.Samples["process_cpu_seconds_total"], 0.01, Environment.TickCount64 / 1000.0 * Environment.ProcessorCount);
        Assert.Equal(exposition.Samples["appliance_start_time_seconds"], exposition.Samples["process_start_time_seconds"]);
        Assert.InRange(exposition.Samples["process_resident_memory_bytes"], 1e6, exposition.Samples["process_virtual_memory_bytes"]);
        Assert.InRange(exposition.Samples["process_open_fds"], 5, exposition.Samples["process_max_fds"]);
        string space = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max address space", StringComparison.Ordinal));
        double most = exposition.Samples["process_virtual_memory_max_bytes"];
        Assert.Equal(most < 0 ? "unlimited" : $"{most:0}", space.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
    }

    [Fact]
    public async Task ScrapesAtOnceAreWholeEach()
    {
        await using var service = new RunningService();
        Exposition[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => ScrapeAsync(service)));
        Assert.All(answers, answer => Assert.Equal(answers[0].Types.Keys.Order(), answer.Types.Keys.Order()));
    }

    [Fact]
    public async Task ReadingTheSettingsAgainLeavesNoFilesOpen()
    {
        await using var service = new RunningService();
        await ScrapeAsync(service);
        int before = OpenKernelFiles();
        for (int round = 0; round < 10; round++)
        {
            service.Reload();
            await ScrapeAsync(service);
        }
        // Other tests may have some open too.
        Assert.True(
            SpinWait.SpinUntil(() => OpenKernelFiles() < 3 * before, Deadline), $"{before} open at first, {OpenKernelFiles()} after ten times");
    }

    private static async Task<Exposition> ScrapeAsync(RunningService service, string query = "")
    {
        FrontAnswer answer = await service.AskAsync(
            ("SCRIPT_NAME", "/api/metrics"), ("QUERY_STRING", query), ("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic"));
        Assert.Equal("200 OK", answer.Header("Status"));
        return Exposition.Parse(answer.Body);
    }

    private static int OpenKernelFiles()
    {
        int open = 0;
        foreach (string descriptor in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            // Not below /proc/PID/fd/, where other tests' folders may be.
            if (new FileInfo(descriptor).LinkTarget is string target
                && (target.StartsWith("/sys/", StringComparison.Ordinal) || target.StartsWith("/proc/stat", StringComparison.Ordinal)))
            {
                open++;
            }
        }
        return open;
    }
}
