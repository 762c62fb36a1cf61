using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Xunit;

namespace Integration.Tests.Starts;

/// <summary>Sockets that a service manager hands over (case 121).</summary>
[Needs("spawn-fcgi", "systemd-socket-activate")]
public sealed class ActivationTests : System.IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    [Case(121)]
    public async Task SystemdsSocketIsServed()
    {
        int port = FreePort.Next();
        await using var group = new Group(_folder, $"exec systemd-socket-activate -l 127.0.0.1:{port} '{Machine.Appliance}'");
        await group.UntilItSaysAsync("Listening on");

        Assert.Contains("Status: 200 OK", await RawFront.GetAsync($"{port}", "/api/health")); // which is what starts it

        Assert.Contains($"serving on descriptor 3, tcp:127.0.0.1:{port}\n", group.Log);
        Assert.True(KernelView.IsClosedOnExec(group.Pid, 3));
        Signals.Send(group.Pid, Signals.Terminate);
        Assert.Equal(0, await group.ExitCodeAsync());
    }

    [FrontFact]
    [Case(121)]
    public async Task AUnixSocketOfSystemdIsServed()
    {
        // Its path has to be absolute, and a Unix socket's has at most 107 bytes.
        await using var group = new Group(_folder, $"exec systemd-socket-activate -l /proc/$$/cwd/socket '{Machine.Appliance}'");
        await group.UntilItSaysAsync("Listening on");

        Assert.Contains("Status: 200 OK", await RawFront.GetAsync($"/proc/{group.Pid}/cwd/socket", "/api/health"));

        Assert.Contains("serving on descriptor 3\n", group.Log);
    }

    [FrontFact]
    [Case(120, 121)]
    public async Task RecycledItServesOnWithTheSocketOfSystemd()
    {
        await using var group = new Group(
            _folder,
            $"exec systemd-socket-activate -E APPLIANCE_LIMITS_RECYCLEAFTERREQUESTS=50 -l /proc/$$/cwd/socket '{Machine.Appliance}'");
        await group.UntilItSaysAsync("Listening on");

        for (int i = 0; i < 300; i++)
            Assert.Contains("Status: 200 OK", await RawFront.GetAsync($"/proc/{group.Pid}/cwd/socket", "/api/health"));

        Assert.InRange(group.Log.Split("serving on descriptor 3\n").Length - 1, 3, 7); // up to 64 more are accepted in a turn of the loop
    }

    [FrontFact]
    [Case(121)]
    public async Task SeveralSocketsAreRefused()
    {
        int port = FreePort.Next();
        int other = FreePort.Next();
        await using var group = new Group(
            _folder, $"exec systemd-socket-activate -l 127.0.0.1:{port} -l 127.0.0.1:{other} --fdname=one:two '{Machine.Appliance}'");
        await group.UntilItSaysAsync("Listening on");

        await RawFront.KnockAsync(port.ToString(CultureInfo.InvariantCulture));

        Assert.Equal(2, await group.ExitCodeAsync());
        Assert.Contains("appliance: LISTEN_FDS hands over 2 sockets (one:two), and one is served", group.Log);
    }

    /// <summary>As systemd does with Accept=yes: it is no listening socket.</summary>
    [FrontFact]
    [Case(121)]
    public async Task AConnectionInPlaceOfASocketIsRefused()
    {
        int port = FreePort.Next();
        await using var group = new Group(_folder, $"exec systemd-socket-activate --accept -l 127.0.0.1:{port} '{Machine.Appliance}'");
        await group.UntilItSaysAsync("Listening on");

        await RawFront.KnockAsync(port.ToString(CultureInfo.InvariantCulture));

        await group.UntilItSaysAsync("appliance: descriptor 3 is not a listening socket");
    }

    /// <summary>
    /// StandardInput=socket: no variables, and the socket is standard output too, which that setting makes the default of StandardOutput.
    /// </summary>
    [FrontFact]
    [Case(121)]
    public async Task ASocketOnStandardInputAndOutputNeedsNoVariables()
    {
        int port = FreePort.Next();
        await using var group = new Group(
            _folder, $"exec systemd-socket-activate --inetd -E APPLIANCE_LIMITS_RECYCLEAFTERREQUESTS=20 -l 127.0.0.1:{port} '{Machine.Appliance}'");
        await group.UntilItSaysAsync("Listening on");

        for (int i = 0; i < 50; i++)
            Assert.Contains("Status: 200 OK", await RawFront.GetAsync($"{port}", "/api/health"));

        int Starts() => group.Log.Split($" information: serving on descriptor 0, tcp:127.0.0.1:{port}\n").Length - 1;
        await Eventually.TrueAsync("a second start", () => Starts() >= 2);
        Assert.InRange(Starts(), 2, 4);
        Assert.Equal("/dev/null", KernelView.Descriptors(group.Pid)[0]);
        Signals.Send(group.Pid, Signals.Terminate);
        Assert.Equal(0, await group.ExitCodeAsync());
    }

    /// <summary>systemd starts a web server with a socket, and that one this program: its variables are in the environment still.</summary>
    [FrontFact]
    [Case(121)]
    public async Task VariablesThatAreMeantForAnotherProcessAreNotHeeded()
    {
        await using var group = new Group(
            _folder,
            $"exec spawn-fcgi -n -s ./socket -- '{Machine.Appliance}'",
            new Dictionary<string, string> { ["LISTEN_PID"] = "1", ["LISTEN_FDS"] = "1" });

        await group.UntilItSaysAsync("serving on descriptor 0\n");
    }

    /// <summary>inetd's way, which is a connection as standard input and output: one socket for both streams of a CGI program.</summary>
    [FrontFact]
    [Case(108)]
    public async Task AConnectionMayBeBothStreamsOfACgiProgram()
    {
        int port = FreePort.Next();
        await using var group = new Group(_folder, $"""
            export GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST PATH_INFO=/api/echo CONTENT_LENGTH=5
            exec systemd-socket-activate --accept --inetd -E GATEWAY_INTERFACE -E REQUEST_METHOD -E PATH_INFO -E CONTENT_LENGTH -l 127.0.0.1:{port} '{Machine.Responder}'
            """);
        await group.UntilItSaysAsync("Listening on");
        using RawFront client = await RawFront.ConnectAsync(port.ToString(CultureInfo.InvariantCulture));

        await client.SendAsync("hello"u8.ToArray());

        Assert.EndsWith("\r\n\r\nhello", await client.ReadToEndAsync());
    }
}
