using System;
using System.IO;
using Xunit;

namespace FastCgi.Tests;

/// <summary>Case 121: what a service manager says in the environment. The tests of one class run one after the other.</summary>
public sealed class SocketActivationTests : IDisposable
{
    private static readonly string Self = $"{Environment.ProcessId}";

    public void Dispose() => Set(null, null);

    [Theory]
    [Case(121)]
    [InlineData("1", true)]
    [InlineData("2", true)] // to be refused
    [InlineData("0", false)]
    [InlineData("-1", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void SocketsAreOurs(string? count, bool ours)
    {
        Set(Self, count);
        Assert.Equal(ours, SocketActivation.IsForThisProcess);
    }

    [Theory]
    [Case(121)]
    [InlineData("1")]
    [InlineData("")]
    [InlineData(null)]
    public void SocketsOfAnotherProcessAreNot(string? pid)
    {
        Set(pid, "1");
        Assert.False(SocketActivation.IsForThisProcess);
    }

    [Fact]
    [Case(121)]
    public void TheOneSocketIsDescriptorThreeAndChildrenHearNothingOfIt()
    {
        Set(Self, "1");
        Environment.SetEnvironmentVariable("LISTEN_FDNAMES", "fastcgi");
        Assert.Equal(3, SocketActivation.TheOneDescriptor());
        Assert.All(["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"], variable => Assert.Null(Environment.GetEnvironmentVariable(variable)));
    }

    [Fact]
    [Case(121)]
    public void SeveralSocketsAreRefusedByTheirNames()
    {
        Set(Self, "2");
        Environment.SetEnvironmentVariable("LISTEN_FDNAMES", "one:two");
        string message = Assert.Throws<IOException>(() => SocketActivation.TheOneDescriptor()).Message;
        Assert.Contains("2 sockets (one:two)", message, StringComparison.Ordinal);
    }

    private static void Set(string? pid, string? count)
    {
        Environment.SetEnvironmentVariable("LISTEN_PID", pid);
        Environment.SetEnvironmentVariable("LISTEN_FDS", count);
    }
}
