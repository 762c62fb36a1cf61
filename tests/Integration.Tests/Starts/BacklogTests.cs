using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Xunit;

namespace Integration.Tests.Starts;

/// <summary>How many connections may wait in the queue of a socket of our own (case 123). A socket handed over has its starter's.</summary>
[Needs("ss")]
public sealed class BacklogTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    [Case(123)]
    public Task AThousandMayWaitAtAUnixSocket() => AssertLongAsync("unix:socket", "-lxnpH", backlogAt: 3);

    [FrontFact]
    [Case(123)]
    public Task AThousandMayWaitAtATcpSocket() => AssertLongAsync("tcp:127.0.0.1:0", "-ltnpH", backlogAt: 2);

    private async Task AssertLongAsync(string listen, string options, int backlogAt)
    {
        await using RunningProgram program =
            NativeProgram.Start(_folder.FullPath, new Dictionary<string, string>(), [Machine.Appliance, "--listen", listen]);
        Assert.Contains("serving on", await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline));

        Ended sockets = await NativeProgram.RunAsync(_folder.FullPath, new Dictionary<string, string>(), [Machine.Find("ss")!, options]);

        string ours = Assert.Single(sockets.Output.Split('\n'), line => line.Contains($"pid={program.Pid},", StringComparison.Ordinal));
        string backlog = ours.Split(' ', StringSplitOptions.RemoveEmptyEntries)[backlogAt]; // Send-Q, which for one that listens is that
        Assert.InRange(int.Parse(backlog, CultureInfo.InvariantCulture), 1024, 65535);
    }
}
