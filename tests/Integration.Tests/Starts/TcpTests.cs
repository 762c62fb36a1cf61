using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.Starts;

/// <summary><c>--listen tcp:ADDRESS:PORT</c>, and who may connect there (case 109).</summary>
public sealed class TcpTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [Case(109)]
    [InlineData("tcp:127.0.0.1:0", null)]
    [InlineData("tcp:0.0.0.0:0", null)]
    [InlineData("tcp:[::]:0", null)]
    [InlineData("tcp:127.0.0.1:0", "127.0.0.1")]
    [InlineData("tcp:[::]:0", "192.0.2.1, 127.0.0.1")]
    [InlineData("tcp:127.0.0.1:0", "::ffff:127.0.0.1")]
    public async Task AFrontThatMayConnectIsServed(string listen, string? allowed)
    {
        await using RunningProgram program = Start(listen, allowed);
        string port = await PortAsync(program);

        Assert.Contains("Status: 200 OK", await RawFront.GetAsync(port, "/api/health"));
        Assert.Contains("Status: 200 OK", await RawFront.GetAsync(port, "/api/health"));
    }

    [NativeFact]
    [Case(109)]
    public async Task AFrontThatIsNotNamedIsClosedAndALineSaysSo()
    {
        await using RunningProgram program = Start("tcp:127.0.0.1:0", "192.0.2.1");
        string port = await PortAsync(program);

        for (int i = 0; i < 20; i++)
            Assert.Equal("", await GetOrResetAsync(port));

        Signals.Send(program.Pid, Signals.Terminate);
        Assert.Equal(0, await program.ExitCodeAsync());
        string log = await program.Error.ReadToEndAsync();
        Assert.Contains(" warning: connection from 127.0.0.1 closed: FCGI_WEB_SERVER_ADDRS does not name it\n", log);
        Assert.InRange(log.Split("127.0.0.1 closed").Length - 1, 1, 2); // the first, and at the end how many more: not twenty
    }

    [NativeFact]
    [Case(109)]
    public async Task AWrongListIsAnErrorAtTheStartAndAdmitsNobody()
    {
        await using RunningProgram program = Start("tcp:127.0.0.1:0", "127.0.0.1,localhost");
        string port = await PortAsync(program);

        Assert.Contains(
            " error: FCGI_WEB_SERVER_ADDRS: \"localhost\" is no IP address; nobody may connect over TCP",
            await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline));
        Assert.Equal("", await GetOrResetAsync(port));
    }

    /// <summary>By an address of this machine that is not 127.0.0.1: as another device would come.</summary>
    [OtherAddressFact]
    [Case(109)]
    public async Task WithoutAListOnlyThisDeviceMayConnect()
    {
        IPAddress other = OtherAddressFactAttribute.OtherAddress!;
        await using RunningProgram program = Start("tcp:0.0.0.0:0", allowed: null);
        int port = int.Parse(await PortAsync(program), CultureInfo.InvariantCulture);
        using var front = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        await front.ConnectAsync(other, port); // from the same address

        Assert.Equal(0, await front.ReceiveAsync(new byte[1]).WaitAsync(Eventually.Deadline));
        Assert.Contains(
            $" warning: connection from {other} closed: FCGI_WEB_SERVER_ADDRS is not set, so only this device may connect",
            await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline));
    }

    [NativeFact]
    [Case(109)]
    public async Task OnAUnixSocketTheListDoesNotMatter()
    {
        await using RunningProgram program = Start("unix:socket", "192.0.2.1");
        Assert.EndsWith("serving on unix:socket", await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline));

        Assert.Contains("Status: 200 OK", await RawFront.GetAsync($"/proc/{program.Pid}/cwd/socket", "/api/health"));
    }

    [NativeFact]
    [Case(109)]
    public async Task TheListHoldsForASocketThatWasHandedOverToo()
    {
        int port = FreePort.Next();
        await using var group = new Group(
            _folder,
            $"exec spawn-fcgi -n -a 127.0.0.1 -p {port} -- '{Machine.Appliance}'",
            new Dictionary<string, string> { ["FCGI_WEB_SERVER_ADDRS"] = "192.0.2.1" });
        await group.UntilItSaysAsync($"serving on descriptor 0, tcp:127.0.0.1:{port}\n");

        Assert.Equal("", await GetOrResetAsync(port.ToString(CultureInfo.InvariantCulture)));
    }

    [NativeFact]
    public async Task APortThatIsTakenIsNamed()
    {
        await using RunningProgram first = Start("tcp:127.0.0.1:0", allowed: null);
        string port = await PortAsync(first);

        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, "--listen", $"tcp:127.0.0.1:{port}");

        Assert.Equal((2, ""), (ended.ExitCode, ended.Output));
        // In the words of the C library that is linked in: glibc's with the second word, musl's without.
        Assert.Matches($@"^appliance: cannot listen on tcp:127\.0\.0\.1:{port}: Address (already )?in use\n\z", ended.Error);
    }

    private RunningProgram Start(string listen, string? allowed)
    {
        var environment = new Dictionary<string, string>();
        if (allowed is not null)
            environment["FCGI_WEB_SERVER_ADDRS"] = allowed;
        return NativeProgram.Start(_folder.FullPath, environment, [Machine.Appliance, "--listen", listen]);
    }

    /// <summary>The port the system has chosen, which the program prints.</summary>
    private static async Task<string> PortAsync(RunningProgram program)
    {
        string line = (await program.Error.ReadLineAsync().WaitAsync(Eventually.Deadline))!;
        Assert.Contains(" information: serving on tcp:", line);
        return line[(line.LastIndexOf(':') + 1)..];
    }

    /// <summary>Nothing, when the connection was closed: cleanly, or by a reset if the request was already on its way.</summary>
    private static async Task<string> GetOrResetAsync(string port)
    {
        try
        {
            return await RawFront.GetAsync(port, "/api/health");
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return "";
        }
    }
}

/// <summary>A fact that needs an address of this machine other than 127.0.0.1.</summary>
public sealed class OtherAddressFactAttribute : FactAttribute
{
    public OtherAddressFactAttribute() =>
        Skip = Machine.Missing ?? (OtherAddress is null ? "this machine has no address but 127.0.0.1" : null);

    public static IPAddress? OtherAddress { get; } = NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
