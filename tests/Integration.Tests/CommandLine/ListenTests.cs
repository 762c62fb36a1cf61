using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Starts;
using Xunit;

namespace Integration.Tests.CommandLine;

/// <summary><c>--listen unix:PATH</c>: the binary makes its socket itself.</summary>
public sealed class ListenTests : IDisposable
{
    private const long MostIdleMemory = 6_000_000;
    private static readonly Dictionary<string, string> NoSettings = [];

    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task SocketIsForOwnerAndGroupAlone()
    {
        await using RunningProgram program = await ListenAsync(NoSettings);

        Assert.Equal("660", Convert.ToString((int)File.GetUnixFileMode(_folder.At("socket")), 8));
        await StopAsync(program);
    }

    [NativeFact]
    public async Task SocketModeIsASetting()
    {
        await using RunningProgram program = await ListenAsync(new Dictionary<string, string> { ["APPLIANCE_SOCKET_MODE"] = "0600" });

        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(_folder.At("socket")), 8));
        await StopAsync(program);
    }

    [NativeFact]
    [Case(110)]
    public async Task NoConnectionBecomesStandardError()
    {
        // A web server may leave 1 and 2 closed (case 110): what is opened next would get their numbers.
        await using RunningProgram program = NativeProgram.Start(
            _folder.FullPath, NoSettings, ["/bin/sh", "-c", "exec \"$0\" \"$@\" 1>&- 2>&-", Machine.Appliance, "--listen", "unix:socket"]);
        await Eventually.TrueAsync("the socket is made", () => File.Exists(_folder.At("socket")));

        Assert.StartsWith("/dev/", KernelView.Descriptors(program.Pid)[1]);
        Assert.StartsWith("/dev/", KernelView.Descriptors(program.Pid)[2]);
        await StopAsync(program);
    }

    [NativeTheory]
    [Case(116, 119)]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.User1)]
    public async Task SignalEndsAnIdleProcessAtOnceAndTakesTheSocketAway(int signal)
    {
        await using RunningProgram program = await ListenAsync(NoSettings);

        Signals.Send(program.Pid, signal);

        Assert.Equal(0, await program.ExitCodeAsync(TimeSpan.FromSeconds(10))); // its drain may take 20 s; idle, it has none
        Assert.False(File.Exists(_folder.At("socket")));
    }

    [NativeFact]
    [Case(119, 120)]
    public async Task RecyclingEndsItAfterItsAnswersForASupervisorToStartItAgain()
    {
        await using RunningProgram program = await ListenAsync(new Dictionary<string, string> { ["APPLIANCE_LIMITS_RECYCLEAFTERREQUESTS"] = "2" });

        for (int i = 0; i < 2; i++)
            Assert.Contains("Status: 200 OK", await RawFront.GetAsync($"/proc/{program.Pid}/cwd/socket", "/api/health"));

        Assert.Equal(0, await program.ExitCodeAsync());
        Assert.False(File.Exists(_folder.At("socket")));
    }

    [NativeFact]
    public async Task SocketOfADeadProgramIsReplaced()
    {
        await using (RunningProgram first = await ListenAsync(NoSettings))
        {
            Signals.Send(first.Pid, Signals.Kill);
            await first.ExitCodeAsync();
        }
        Assert.True(File.Exists(_folder.At("socket")));

        await using RunningProgram second = await ListenAsync(NoSettings);
        await StopAsync(second);
    }

    [NativeFact]
    public async Task SocketOfARunningProgramIsLeftAlone()
    {
        await using RunningProgram first = await ListenAsync(NoSettings);

        AssertRefused(await NativeProgram.RunAsync(_folder.FullPath, "--listen", "unix:socket"), "socket", "another program");

        await AcceptsAsync(first);
        await StopAsync(first);
    }

    [NativeFact]
    public async Task FileThatIsNoSocketIsLeftAlone()
    {
        await File.WriteAllTextAsync(_folder.At("socket"), "precious");

        AssertRefused(await NativeProgram.RunAsync(_folder.FullPath, "--listen", "unix:socket"), "socket");

        Assert.Equal("precious", await File.ReadAllTextAsync(_folder.At("socket")));
    }

    [NativeTheory]
    [InlineData("nowhere/socket", "No such file or directory")]
    [InlineData("/proc/self/socket", "No such file or directory")] // what bind(2) says there, also to root
    [InlineData("file/socket", "Not a directory")]
    public async Task UnusablePathIsNamedWithTheReason(string path, string reason)
    {
        await File.WriteAllTextAsync(_folder.At("file"), "");

        AssertRefused(await NativeProgram.RunAsync(_folder.FullPath, "--listen", $"unix:{path}"), path, reason);
    }

    [NativeFact]
    public async Task PathThatIsTooLongIsNamedWithTheBound()
    {
        string path = new('x', 108);

        AssertRefused(await NativeProgram.RunAsync(_folder.FullPath, "--listen", $"unix:{path}"), path, "107");
    }

    /// <summary>Nothing is denied to root, which is what a runner often is: then the binary is run as nobody.</summary>
    [NativeFact]
    public async Task FolderWithoutPermissionIsNamedWithTheReason()
    {
        string[] command = [Machine.Appliance];
        Directory.CreateDirectory(_folder.At("locked"), UnixFileMode.UserRead);
        if (Environment.IsPrivilegedProcess)
        {
            // A copy: nobody may not be allowed to reach the clone, but is in this folder already.
            File.Copy(Machine.Appliance, _folder.At("appliance"));
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "./appliance"];
        }

        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, NoSettings, [.. command, "--listen", "unix:locked/socket"]);

        AssertRefused(ended, "locked/socket", "Permission denied");
    }

    [NativeFact]
    public async Task IdleProcessIsSmall()
    {
        await using RunningProgram program = await ListenAsync(NoSettings);

        Assert.InRange(KernelView.ResidentBytes(program.Pid), 1, MostIdleMemory);
        await StopAsync(program);
    }

    /// <summary>Nothing is mapped but the binary itself: a device need not have a libc, and no second one is loaded at run time.</summary>
    [NativeFact]
    public async Task RunningBinaryUsesNoLibrary()
    {
        await using RunningProgram program = await ListenAsync(NoSettings);

        Assert.Equal([Machine.Appliance], KernelView.MappedFiles(program.Pid));
        await StopAsync(program);
    }

    private async Task<RunningProgram> ListenAsync(Dictionary<string, string> environment)
    {
        RunningProgram program = NativeProgram.Start(_folder.FullPath, environment, [Machine.Appliance, "--listen", "unix:socket"]);
        try
        {
            string? line = await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline);
            Assert.EndsWith("serving on unix:socket", line);
            await AcceptsAsync(program);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>By the process's own folder, since the path of the clone may be too long for a Unix socket.</summary>
    private static async Task AcceptsAsync(RunningProgram program)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/{program.Pid}/cwd/socket"));
    }

    private static async Task StopAsync(RunningProgram program)
    {
        Signals.Send(program.Pid, Signals.Terminate);
        await program.ExitCodeAsync();
    }

    private static void AssertRefused(Ended ended, params string[] named)
    {
        Assert.Equal(2, ended.ExitCode);
        Assert.Empty(ended.Output);
        Assert.StartsWith("appliance: cannot listen on ", ended.Error);
        Assert.All(named, text => Assert.Contains(text, ended.Error));
    }
}
