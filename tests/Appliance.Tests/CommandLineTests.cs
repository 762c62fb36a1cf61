using System;
using Xunit;

namespace Appliance.Tests;

public class CommandLineTests
{
    [Fact]
    public void WithoutArgumentsNothingIsAskedFor() => Assert.Equal(new CommandLine(), CommandLine.Parse([]));

    [Fact]
    public void EachOptionSetsItsOwnPropertyOnly()
    {
        Assert.Equal(new CommandLine { SettingsFile = "/etc/a.json" }, CommandLine.Parse(["--settings", "/etc/a.json"]));
        Assert.Equal(new CommandLine { ListenPath = "/run/a.sock" }, CommandLine.Parse(["--listen", "unix:/run/a.sock"]));
        Assert.Equal("127.0.0.1:9000", CommandLine.Parse(["--listen", "tcp:127.0.0.1:9000"]).ListenTcp.ToString());
        Assert.Equal("[::1]:0", CommandLine.Parse(["--listen", "tcp:[::1]:0"]).ListenTcp.ToString());
        Assert.Equal(new CommandLine { Check = true }, CommandLine.Parse(["--check"]));
        Assert.Equal(new CommandLine { Version = true }, CommandLine.Parse(["--version"]));
        Assert.Equal(new CommandLine { Help = true }, CommandLine.Parse(["--help"]));
    }

    [Fact]
    public void OptionsComeInAnyOrder()
    {
        var expected = new CommandLine { SettingsFile = "a b", ListenPath = "x:unix:y", Check = true };
        Assert.Equal(expected, CommandLine.Parse(["--check", "--listen", "unix:x:unix:y", "--settings", "a b"]));
        Assert.Equal(expected, CommandLine.Parse(["--settings", "a b", "--check", "--listen", "unix:x:unix:y"]));
    }

    [Theory]
    [InlineData("--settings")]
    [InlineData("--listen")]
    public void AMissingValueIsNamed(string option)
    {
        Assert.Equal($"{option} needs a value", Refusal([option]));
        Assert.Equal($"{option} needs a value", Refusal(["--check", option]));
        Assert.Equal($"{option} needs a value", Refusal([option, ""]));
        Assert.Equal($"{option} needs a value", Refusal([option, "--check"]));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("-h")]
    [InlineData("-")]
    [InlineData("--")]
    [InlineData("")]
    [InlineData("--Check")]
    [InlineData("--settings=a.json")]
    [InlineData("--check ")]
    public void AnUnknownArgumentIsNamed(string argument) =>
        Assert.Equal($"unknown argument \"{argument}\"", Refusal(["--check", argument]));

    [Theory]
    [InlineData("tcp:")]
    [InlineData("tcp:80")]
    [InlineData("tcp::80")]
    [InlineData("tcp:localhost:80")]
    [InlineData("tcp:127.0.0.1:65536")]
    [InlineData("tcp:::1:80")]
    [InlineData("127.0.0.1:9000")]
    [InlineData("/run/a.sock")]
    [InlineData("unix:")]
    [InlineData("UNIX:/run/a.sock")]
    [InlineData(" unix:/run/a.sock")]
    public void OnlyAnAddressCanBeListenedOn(string address) =>
        Assert.StartsWith($"cannot listen on \"{address}\": expected unix:PATH, or tcp:ADDRESS:PORT ", Refusal(["--listen", address]));

    [Fact]
    public void OneSocketIsServed() =>
        Assert.StartsWith("--listen comes twice", Refusal(["--listen", "unix:a", "--listen", "tcp:127.0.0.1:0"]));

    [Fact]
    public void WhatIsQuotedCannotSteerATerminal()
    {
        Assert.Equal(@"unknown argument ""\x1b[2J""", Refusal(["\u001b[2J"]));
        Assert.StartsWith(@"cannot listen on ""tcp:\x0a"": expected unix:PATH", Refusal(["--listen", "tcp:\n"]));
    }

    [Fact]
    public void TheUsageTellsEveryOption()
    {
        foreach (string option in new[] { "--settings FILE", "--listen unix:PATH", "--listen tcp:ADDRESS:PORT", "--check", "--version", "--help" })
            Assert.Equal(2, CommandLine.Usage.Split(option).Length - 1); // in the line of usage, and in the list
    }

    private static string Refusal(string[] arguments) =>
        Assert.Throws<FormatException>(() => CommandLine.Parse(arguments)).Message;
}
