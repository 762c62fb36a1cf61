using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;

namespace Integration.Tests.Starts;

/// <summary>The binaries as CGI programs (case 108), started by a shell with nothing in the environment but what is written here.</summary>
public sealed class CgiTests : IDisposable
{
    private const string Cgi = "env -i GATEWAY_INTERFACE=CGI/1.1 HTTP_HOST=localhost";
    private const string Vera = "REMOTE_USER=vera AUTH_TYPE=Basic APPLIANCE_ACCESS_USERS_vera=viewer";
    private readonly WorkFolder _folder = new();

    public CgiTests()
    {
        File.CreateSymbolicLink(_folder.At("appliance"), Machine.Appliance);
        File.CreateSymbolicLink(_folder.At("responder"), Machine.Responder);
    }

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    [Case(107, 108, 119)]
    public async Task AMinimalEnvironmentIsEnough()
    {
        Ended ended = await ShellAsync($"{Cgi} REQUEST_METHOD=GET PATH_INFO=/api/health ./appliance </dev/null");

        Assert.StartsWith("Status: 200 OK\r\nContent-Type: application/json\r\n", ended.Output);
        Assert.EndsWith("\r\n\r\n{\"status\":\"ok\"}", ended.Output);
        Assert.Equal(new Ended(0, ended.Output, ""), ended);
    }

    [NativeTheory]
    [Case(108)]
    [InlineData("REQUEST_METHOD=GET PATH_INFO=/api/nothing", "Status: 404 Not Found\r\n")]
    [InlineData("REQUEST_METHOD=PUT PATH_INFO=/api/health", "Status: 405 Method Not Allowed\r\n")]
    [InlineData("REQUEST_METHOD=GET", "Status: 404 Not Found\r\n")]
    [InlineData("PATH_INFO=/api/health", "Status: 400 Bad Request\r\n")]
    [InlineData("REQUEST_METHOD=GET PATH_INFO=/api/status HTTP_ACCEPT=text/html", "Status: 406 Not Acceptable\r\n")]
    public async Task WhatCannotBeAnsweredIsAProblem(string variables, string status)
    {
        Ended ended = await ShellAsync($"{Cgi} {Vera} {variables} ./appliance </dev/null");

        Assert.StartsWith(status, ended.Output);
        Assert.Contains("\r\nContent-Type: application/problem+json\r\n", ended.Output);
        Assert.Equal(new Ended(0, ended.Output, ""), ended);
    }

    [NativeFact]
    [Case(108)]
    public async Task AHandlerThatMayBlockAnswersToo()
    {
        Ended ended = await ShellAsync($"{Cgi} {Vera} REQUEST_METHOD=GET PATH_INFO=/api/status ./appliance </dev/null");

        Assert.StartsWith("Status: 200 OK\r\n", ended.Output);
        Assert.Contains("\"uptime_seconds\":", ended.Output);
        Assert.Equal(new Ended(0, ended.Output, ""), ended);
    }

    [NativeTheory]
    [Case(108)]
    [InlineData("HTTP_HOST=localhost", "Status: 401 Unauthorized\r\n")]
    [InlineData("HTTP_HOST=localhost HTTP_REMOTE_USER=vera HTTP_AUTHORIZATION=vera", "Status: 401 Unauthorized\r\n")]
    [InlineData("HTTP_HOST=localhost REMOTE_USER=otto AUTH_TYPE=Basic", "Status: 403 Forbidden\r\n")]
    [InlineData("HTTP_HOST=evil.example REMOTE_USER=vera AUTH_TYPE=Basic", "Status: 421 Misdirected Request\r\n")]
    [InlineData("HTTP_HOST=localhost REMOTE_USER=vera", "Status: 401 Unauthorized\r\n")]
    [InlineData("REMOTE_USER=vera AUTH_TYPE=Basic", "Status: 421 Misdirected Request\r\n")]
    public async Task WhoMayIsAskedHereToo(string variables, string status)
    {
        Ended ended = await ShellAsync(
            "env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/api/status APPLIANCE_ACCESS_USERS_vera=viewer "
            + $"{variables} ./appliance </dev/null");

        Assert.StartsWith(status, ended.Output);
        Assert.Contains($"warning: {status[8..11]} to somebody for /api/status: ", ended.Error);
    }

    /// <summary>Some web servers make arguments of a query (RFC 3875 §4.4): a client must not command this program.</summary>
    [NativeFact]
    [Case(108)]
    public async Task AQueryThatBecameArgumentsIsNotHeeded()
    {
        Ended ended = await ShellAsync(
            $"{Cgi} REQUEST_METHOD=GET PATH_INFO=/api/health QUERY_STRING=--listen+unix:stolen ./appliance --listen unix:stolen </dev/null");

        Assert.StartsWith("Status: 400 Bad Request\r\n", ended.Output);
        Assert.Equal(0, ended.ExitCode);
        Assert.False(File.Exists(_folder.At("stolen")));
    }

    [NativeTheory]
    [Case(108)]
    [InlineData("cat body |", "", "| cat >answer")]
    [InlineData("", "<body", ">answer")]
    [InlineData("cat body |", "", ">answer")]
    [InlineData("", "<body", "| cat >answer")]
    public async Task AMebibyteGoesBothWays(string before, string input, string output)
    {
        byte[] body = new byte[1 << 20];
        Pattern.Fill(body, 0);
        await File.WriteAllBytesAsync(_folder.At("body"), body);

        Ended ended = await ShellAsync(
            $"{before} {Cgi} REQUEST_METHOD=POST PATH_INFO=/api/echo CONTENT_LENGTH={body.Length} ./responder {input} {output}");

        byte[] answer = await File.ReadAllBytesAsync(_folder.At("answer"));
        Assert.Equal(new Ended(0, "", ""), ended);
        Assert.StartsWith("Status: 200 OK\r\n", Encoding.Latin1.GetString(answer, 0, 100));
        Assert.Equal(body, answer[^body.Length..]);
    }

    [NativeFact]
    [Case(108)]
    public async Task WhatFollowsTheBodyIsLeftForWhoeverReadsNext()
    {
        await File.WriteAllTextAsync(_folder.At("body"), "12345678rest");

        Ended ended = await ShellAsync(
            $"cat body | {{ {Cgi} REQUEST_METHOD=POST PATH_INFO=/api/echo CONTENT_LENGTH=8 ./responder; cat >rest; }}");

        Assert.EndsWith("\r\n\r\n12345678", ended.Output);
        Assert.Equal("rest", await File.ReadAllTextAsync(_folder.At("rest")));
    }

    [NativeTheory]
    [Case(108, 110, 119)]
    [InlineData(">&-")]
    [InlineData("2>&- >&-")]
    [InlineData("<&-")]
    [InlineData("</")]
    public async Task StreamsThatAreClosedOrOfNoUseDoNotMatter(string redirection)
    {
        Ended ended = await ShellAsync($"{Cgi} REQUEST_METHOD=GET PATH_INFO=/api/health ./appliance {redirection}");

        Assert.Equal(new Ended(0, ended.Output, ""), ended);
    }

    [NativeFact]
    [Case(64, 108, 118, 119)]
    public async Task AReaderThatGoesInMidAnswerIsNoCrash()
    {
        await ShellAsync(
            $"{{ {Cgi} REQUEST_METHOD=GET PATH_INFO=/api/pattern QUERY_STRING=bytes=100000000 ./responder 2>error; echo $? >code; }} | head -c 1000");

        Assert.Equal("0\n", await File.ReadAllTextAsync(_folder.At("code"))); // 141 would be SIGPIPE
        Assert.Empty(await File.ReadAllTextAsync(_folder.At("error")));
    }

    [NativeFact]
    [Case(62, 108)]
    public async Task AReaderThatGoesWhileTheHandlerComputesEndsIt()
    {
        Ended ended = await ShellAsync(
            $"{{ {Cgi} REQUEST_METHOD=GET PATH_INFO=/api/held QUERY_STRING=until=never ./responder; echo $? >code; }} | head -c 10");

        Assert.StartsWith("Status: ", ended.Output);
        Assert.Equal("0\n", await File.ReadAllTextAsync(_folder.At("code")));
    }

    [NativeTheory]
    [Case(102, 119)]
    [InlineData("before", 0, "Status: 500 ")]
    [InlineData("flushed", 1, "Status: 200 ")]
    public async Task OnlyAnAnswerCutShortIsAFailure(string when, int exitCode, string status)
    {
        Ended ended = await ShellAsync($"{Cgi} REQUEST_METHOD=GET PATH_INFO=/api/failing QUERY_STRING=when={when} ./responder </dev/null");

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.StartsWith(status, ended.Output);
        Assert.Contains(" error: the handler of /api/failing failed", ended.Error);
    }

    [NativeTheory]
    [Case(107)]
    [InlineData("", "</dev/null")]
    [InlineData("", "<body")]
    [InlineData("echo |", "")]
    public async Task WithoutGatewayInterfaceItIsNoCgiProgram(string before, string input)
    {
        await File.WriteAllTextAsync(_folder.At("body"), "");

        Ended ended = await ShellAsync($"{before} env -i REQUEST_METHOD=GET PATH_INFO=/api/health ./appliance {input}");

        Assert.Equal(2, ended.ExitCode);
        Assert.Empty(ended.Output);
        Assert.Contains("usage: appliance", ended.Error);
    }

    [NativeFact]
    [Case(107)]
    public async Task OnATerminalItSaysHowItIsUsed()
    {
        Ended ended = await ShellAsync("script -qec ./appliance /dev/null </dev/null");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("usage: appliance", ended.Output);
    }

    [NativeFact]
    [Case(107)]
    public async Task AListeningSocketOutweighsTheVariablesOfCgi()
    {
        await using var group = new Group(
            _folder, $"exec spawn-fcgi -n -s ./socket -- ./responder", new Dictionary<string, string> { ["GATEWAY_INTERFACE"] = "CGI/1.1" });
        await group.UntilItSaysAsync("serving on descriptor 0");

        Assert.Contains("a=1", await RawFront.GetAsync($"/proc/{group.Pid}/cwd/socket", "/api/query", "a=1"));
    }

    private Task<Ended> ShellAsync(string script) =>
        NativeProgram.RunAsync(_folder.FullPath, new Dictionary<string, string>(), ["/bin/sh", "-c", script]);
}
