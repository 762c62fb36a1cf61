using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Xunit;

namespace FastCgi.Tests;

/// <summary>The catalogue of cases and the tests name each other; the one who compares them is scripts/cases.</summary>
public class CasesTests
{
    /// <summary>Of all projects, also those that this one does not reference; the message says which case is wrong.</summary>
    [Fact]
    public async Task EveryCaseHasATestOrAReasonWhyNot()
    {
        string root = typeof(CasesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Root").Value!;
        using Process cases = Process.Start(new ProcessStartInfo("/bin/sh", ["scripts/cases"])
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> listing = cases.StandardOutput.ReadToEndAsync();
        string complaints = await cases.StandardError.ReadToEndAsync();
        await cases.WaitForExitAsync();

        Assert.True(complaints.Length == 0, complaints);
        Assert.Equal(0, cases.ExitCode);
        Assert.Contains("\n  10  A whole request in one segment is served without another read.\n", await listing);
    }
}
