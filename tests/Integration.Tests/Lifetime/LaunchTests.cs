using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Starts;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Lifetime;

/// <summary>What lighttpd hands to the programs it starts when nothing is said about their number (case 111).</summary>
public sealed class LaunchTests(ITestOutputHelper output) : IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    [Case(111)]
    public async Task EachOfItsFourProcessesServesItsOwnSocket()
    {
        int port = FreePort.Next();
        File.CreateSymbolicLink(_folder.At("responder"), Machine.Responder);
        await File.WriteAllTextAsync(_folder.At("lighttpd.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            server.modules       = ( "mod_fastcgi" )
            server.bind          = "127.0.0.1"
            server.port          = {port}
            server.document-root = var.CWD
            fastcgi.server = ( "/api/" => (( "bin-path" => "./responder", "socket" => "./socket", "check-local" => "disable" )) )

            """));
        await using var group = new Group(_folder, $"exec '{Machine.Find("lighttpd")}' -D -f lighttpd.conf");
        await group.UntilItAnswersAsync(port, "api/health");

        IReadOnlyList<int> processes = KernelView.ChildrenOf(group.Pid);
        Assert.Equal(4, processes.Count);
        for (int i = 0; i < 4; i++)
        {
            Assert.Single(KernelView.ListenersAt($"./socket-{i}"));
            Assert.Contains($"number={i}|", await RawFront.GetAsync($"/proc/{group.Pid}/cwd/socket-{i}", "/api/query", $"number={i}|"));
        }
        output.WriteLine(group.Log);
        Assert.Equal(4, group.Log.Split("serving on descriptor 0\n").Length - 1);
    }

    /// <summary>As one that came while the program started itself anew, and waited for the one that follows.</summary>
    [NativeFact]
    [Case(116, 120)]
    public async Task ASignalThatWaitsWhenTheProgramStartsIsHeeded()
    {
        await _folder.WriteAsync("held", $"kill -TERM $$\nexec '{Machine.Appliance}'\n");
        await using var group = new Group(_folder, "exec spawn-fcgi -n -s ./socket -- /usr/bin/env --block-signal=TERM sh ./held");

        Assert.Equal(0, await group.ExitCodeAsync());
        Assert.Contains(" information: stopped\n", group.Log);
    }

    [NativeFact]
    [Case(111)]
    public async Task TheSocketMayBlock()
    {
        // As lighttpd leaves it: two connections at once, the second of which accept(2) would wait for.
        await using var group = new Group(_folder, $"exec spawn-fcgi -n -s ./socket -- '{Machine.Responder}'");
        await group.UntilItSaysAsync("serving on descriptor 0");
        string socket = $"/proc/{group.Pid}/cwd/socket";
        using RawFront first = await RawFront.ConnectAsync(socket);

        Assert.Contains("a=1", await RawFront.GetAsync(socket, "/api/query", "a=1"));
        await first.AskAsync("/api/query", "a=2");
        Assert.Contains("a=2", await first.ReadToEndAsync());
    }
}
