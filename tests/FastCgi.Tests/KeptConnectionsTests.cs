using System;
using System.IO;
using System.Text;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests;

/// <summary>How one program says to the next in its process which connections it leaves. Beside others that open descriptors.</summary>
public class KeptConnectionsTests
{
    private const string Variable = "FASTCGI_KEPT_CONNECTIONS";

    [Fact]
    [Case(120)]
    public void TheVariableReplacesThatOfTheTimeBefore()
    {
        byte[] environment = Encoding.UTF8.GetBytes($"A=1\0{Variable}=7:8,9\0{Variable}_NOT=ü\0");
        Assert.Equal(
            $"A=1\0{Variable}_NOT=ü\0{Variable}={Environment.ProcessId}:5,12\0",
            Encoding.UTF8.GetString(KeptConnections.AddTo(environment, [5, 12])));
    }

    [Fact]
    [Case(120)]
    public void WhatIsOpenIsTakenOnceAndOnlyByTheProcessItIsMeantFor()
    {
        using var file = File.OpenHandle("/dev/null");
        int descriptor = (int)file.DangerousGetHandle();
        LibC.KeepAs(descriptor, descriptor);
        Environment.SetEnvironmentVariable(Variable, $"1:{descriptor}");
        Assert.Empty(KeptConnections.Take());
        Assert.Null(Environment.GetEnvironmentVariable(Variable));

        Environment.SetEnvironmentVariable(Variable, $"{Environment.ProcessId}:{descriptor},,x,-1,99999");
        Assert.Equal([descriptor], KeptConnections.Take());
        Assert.Empty(KeptConnections.Take());
    }
}
