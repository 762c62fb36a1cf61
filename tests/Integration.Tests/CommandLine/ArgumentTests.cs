using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.CommandLine;

/// <summary>The binary on the command line: what it says and how it ends.</summary>
public sealed class ArgumentTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task HelpIsOnStandardOutput()
    {
        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, "--help");

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("usage: appliance", ended.Output);
        Assert.All(["--settings", "--listen", "--check", "--version", "--help"], option => Assert.Contains(option, ended.Output));
        Assert.Empty(ended.Error);
    }

    [NativeFact]
    public async Task VersionIsOnStandardOutput()
    {
        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, "--version");

        Assert.Equal(0, ended.ExitCode);
        Assert.Matches(@"^appliance \d+\.\d+\.\d+\n$", ended.Output);
        Assert.Empty(ended.Error);
    }

    [NativeTheory]
    [InlineData("--nonsense", "--nonsense")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("--settings", "--settings")]
    [InlineData("--listen tcp:80", "tcp:80")]
    [InlineData("--listen unix:", "unix:")]
    public async Task WrongArgumentIsNamedBesideTheUsage(string arguments, string named)
    {
        Ended ended = await NativeProgram.RunAsync(_folder.FullPath, arguments.Split(' '));

        Assert.Equal(2, ended.ExitCode);
        Assert.Empty(ended.Output);
        Assert.Contains(named, ended.Error.Split('\n')[0]);
        Assert.Contains("usage: appliance", ended.Error);
    }

    /// <summary>A person who starts it by hand: standard input is a pipe, a file or nothing at all.</summary>
    [NativeTheory]
    [InlineData("exec \"$0\"")]
    [InlineData("exec \"$0\" </dev/null")]
    [InlineData("exec \"$0\" <&-")]
    public async Task WithoutAListeningSocketItSaysHowToGiveOne(string shell)
    {
        Ended ended = await NativeProgram.RunAsync(
            _folder.FullPath, new Dictionary<string, string>(), ["/bin/sh", "-c", shell, Machine.Appliance]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("descriptor 0", ended.Error);
        Assert.Contains("--listen", ended.Error);
    }
}
