using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Qemu.Tests.Fixture;
using Xunit;

namespace Qemu.Tests;

/// <summary>What scripts/image and scripts/qemu say to what they cannot do, and that no half-made image is left behind.</summary>
public class ScriptTests
{
    [Theory]
    [InlineData("image")]
    [InlineData("qemu")]
    [InlineData("footprint")]
    public async Task UnknownTargetGetsAListOfTargets(string script)
    {
        (int exitCode, string error) = await RunAsync(script, "--target", "linux-vax");

        Assert.Equal(2, exitCode);
        Assert.Contains("unknown target 'linux-vax'", error);
        Assert.Contains("linux-arm64", error);
    }

    [Theory]
    [InlineData("image", "--data-size", "7")]
    [InlineData("image", "--data-from", "/nowhere")]
    [InlineData("qemu", "--memory", "64M")]
    [InlineData("qemu", "--port", "70000")]
    [InlineData("qemu", "--image", "/nowhere")]
    [InlineData("qemu", "--turbo", "")]
    public async Task WhatCannotBeIsNamed(string script, string option, string value)
    {
        (int exitCode, string error) = await RunAsync(script, option, value);

        Assert.Equal(2, exitCode);
        Assert.Contains(value.Length > 0 ? value : option, error);
        Assert.Equal(1, error.AsSpan().TrimEnd().Count('\n') + 1);
    }

    [GuestFact(withAppliance: false)]
    public async Task ImageThatCannotBeMadeLeavesTheOneBefore()
    {
        string image = Guest.ImageOf("linux-x64");
        DateTime before = File.GetLastWriteTimeUtc($"{image}/root.squashfs");
        string tooMuch = $"{Machine.Root}/artifacts/qemu/too-much-{Environment.ProcessId}";
        Directory.CreateDirectory(tooMuch);
        try
        {
            byte[] content = new byte[16 << 20];
            Random.Shared.NextBytes(content); // zeros would take no room
            await File.WriteAllBytesAsync($"{tooMuch}/file", content);

            (int exitCode, string error) = await RunAsync("image", "--data-size", "8", "--data-from", tooMuch);

            Assert.Equal(1, exitCode);
            Assert.Contains("mke2fs", error);
            Assert.Equal(before, File.GetLastWriteTimeUtc($"{image}/root.squashfs"));
        }
        finally
        {
            Directory.Delete(tooMuch, recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string script, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo($"{Machine.Root}/scripts/{script}", arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }
}
