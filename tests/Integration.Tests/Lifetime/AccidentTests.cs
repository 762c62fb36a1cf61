using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Starts;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Lifetime;

/// <summary>What becomes of a backend when something ends that should not have.</summary>
public class AccidentTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    private const int BrokenPipe = 13; // SIGPIPE

    [NativeFact]
    [Case(119)]
    public async Task ACrashIsSeenAndTheNextOneServes()
    {
        int before = Front.BackendPid();

        using HttpResponseMessage response = await Client.GetAsync("api/crash");

        Assert.True(response.StatusCode >= HttpStatusCode.InternalServerError, $"{response.StatusCode}");
        await Eventually.TrueAsync("it has ended", () => !KernelView.IsRunning(before));
        await Front.AnswersAsync();
        Assert.NotEqual(before, Front.BackendPid());
        Assert.DoesNotContain("child exited: 0 ", Front.Log);
        Assert.Contains("child signalled: 6", Front.Log); // lighttpd's words for SIGABRT
    }

    /// <summary>
    /// A lighttpd that was killed cannot stop its backend, which serves on; the next one finds the socket answering and uses it. To
    /// end with its parent would be wrong for those whose starter is meant to end, as spawn-fcgi does.
    /// </summary>
    [NativeFact]
    public async Task ABackendWhoseLighttpdWasKilledServesTheNextOne()
    {
        int backend = Front.BackendPid();
        int killed = Front.Pid;
        Signals.Send(killed, Signals.Kill);
        await Eventually.TrueAsync("lighttpd ends", () => !KernelView.IsRunning(killed));
        try
        {
            await Front.StartAsync();

            Assert.Equal("number=1", await Client.GetStringAsync("api/query?number=1"));
            Assert.True(KernelView.IsRunning(backend));
            Assert.Empty(KernelView.ChildrenOf(Front.Pid));
        }
        finally
        {
            Signals.Send(backend, Signals.Kill);
        }
    }

    [NativeFact]
    [Case(64, 118)]
    public async Task AFrontThatVanishesInMidResponseEndsNothing()
    {
        int backend = Front.BackendPid();
        for (int i = 0; i < 10; i++)
        {
            using RawFront front = await RawFront.ConnectAsync(Front.BackendSocket);
            await front.AskAsync("/api/pattern", "bytes=10000000");
            Assert.NotEqual(0, await front.ReadAsync(new byte[1000]));
        }

        Assert.Equal("number=1", await Client.GetStringAsync("api/query?number=1"));
        Assert.Equal(backend, Front.BackendPid());
        Assert.True(KernelView.Ignores(backend, BrokenPipe));
    }

    [NativeFact]
    [Case(118)]
    public async Task ALogNobodyReadsEndsNothing()
    {
        using var folder = new WorkFolder();
        await using RunningProgram program = NativeProgram.Start(
            folder.FullPath, new Dictionary<string, string>(), [Machine.Appliance, "--listen", "unix:socket"]);
        Assert.EndsWith("serving on unix:socket", await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline));
        program.Error.Close();
        string socket = $"/proc/{program.Pid}/cwd/socket";

        using (RawFront somebody = await RawFront.ConnectAsync(socket))
        {
            await somebody.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray()); // a warning follows
            await somebody.ReadToEndAsync();
        }

        Assert.Contains("Status: 200 OK", await RawFront.GetAsync(socket, "/api/health"));
    }

    /// <summary>A system log that hangs: its pipe is full, and stays open.</summary>
    [NativeFact]
    public async Task ALogWhoseReaderHangsHoldsUpNobody()
    {
        using var folder = new WorkFolder();
        await using RunningProgram program = NativeProgram.Start(
            folder.FullPath,
            new Dictionary<string, string> { ["APPLIANCE_LOG_ACCESS"] = "stderr", ["APPLIANCE_LOG_ACCESSFORMAT"] = $"%U {new string('x', 2000)}" },
            [Machine.Appliance, "--listen", "unix:socket"]);
        Assert.EndsWith("serving on unix:socket", await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline));
        string socket = $"/proc/{program.Pid}/cwd/socket";

        for (int i = 0; i < 200; i++) // 400 KB, and a pipe holds 64
            Assert.Contains("Status: 200 OK", await RawFront.GetAsync(socket, "/api/health"));

        Signals.Send(program.Pid, Signals.Terminate);
        Assert.Equal(0, await program.ExitCodeAsync());
        string log = await program.Error.ReadToEndAsync();
        Assert.InRange(log.Split("/api/health xxx").Length - 1, 1, 199);
    }
}
