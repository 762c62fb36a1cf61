using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Qemu.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Qemu.Tests;

/// <summary>What scripts/image and scripts/qemu say to what they cannot do, and that no half-made image is left behind.</summary>
public class ScriptTests(ITestOutputHelper output)
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
    [InlineData("qemu", "--deadline", "soon")]
    [InlineData("footprint", "--memory", "64M")]
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

    [GuestFact(withAppliance: false)]
    public async Task MemoryInWhichTheKernelCannotStartIsRefusedWithTheLeast()
    {
        var kernel = KernelHeader.Read($"{Guest.ImageOf("linux-x64")}/kernel");

        (int exitCode, string error) = await RunAsync("qemu", "--memory", $"{kernel.NeedsMiB - 1}");

        Assert.Equal(2, exitCode);
        Assert.Equal($"qemu: this kernel cannot start in {kernel.NeedsMiB - 1} MiB, {kernel.NeedsMiB} is the least: {kernel.Explanation}\n", error);
    }

    /// <summary>The other tests have their machine in memory that is not much more.</summary>
    [GuestFact(withAppliance: false)]
    public async Task TheSmallestMachineThatAnswersIsFound()
    {
        int usual = new GuestOptions("").MemoryMiB;

        (int exitCode, string said, string error) = await RunWithOutputAsync(
            [], "footprint", "--smallest", "--target", "linux-x64", "--memory", $"{usual}");

        Assert.True(exitCode == 0, error);
        output.WriteLine($"figures: {said.Trim()}");
        Match found = Regex.Match(said, "^linux-x64: the first answer comes in ([0-9]+) MiB and not in ([0-9]+) MiB");
        int smallest = int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(smallest, KernelHeader.Read($"{Guest.ImageOf("linux-x64")}/kernel").NeedsMiB, usual);
        Assert.Equal(smallest - 2, int.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GuestFact(withAppliance: false)]
    public async Task QemuThatIsMissingIsNamedWithItsPackage()
    {
        using CommandFolder commands = CommandFolder.Without("qemu-system-x86_64");
        // Who is root gets it installed.
        commands.Add("id", "echo 1000");

        (int exitCode, string said, string error) = await RunWithOutputAsync(commands.Environment, "qemu");

        Assert.Equal((3, ""), (exitCode, said));
        Assert.Equal("qemu: missing packages, install them with: apt-get install qemu-system-x86\n", error);
    }

    [GuestFact(withAppliance: false)]
    public async Task WhyThereIsNoKvmIsSaid()
    {
        using CommandFolder commands = CommandFolder.Without("qemu-system-x86_64");
        commands.Add("qemu-system-x86_64", "echo not today >&2; exit 1");
        commands.Add("uname", "echo riscv64");

        (int exitCode, string said, string error) = await RunWithOutputAsync(commands.Environment, "qemu", "--data", "-");

        Assert.Equal("booting linux-x64 with 128 MiB (emulation; this machine is riscv64)\n", said);
        Assert.Equal((1, "not today\nqemu: the machine ended by itself, see above\n"), (exitCode, error));
    }

    /// <summary>What survives on it is not thrown away because another image was made.</summary>
    [GuestFact(withAppliance: false)]
    public async Task ADataDiskThatIsOlderThanTheImageIsKeptAndThatIsSaid()
    {
        using CommandFolder commands = CommandFolder.Without("qemu-system-x86_64");
        commands.Add("qemu-system-x86_64", "exit 1");
        using var folder = new WorkFolder();
        string disk = folder.At("data.ext4");
        await RunWithOutputAsync(commands.Environment, "qemu", "--data", disk);
        string made = await File.ReadAllTextAsync($"{disk}.made");
        await File.WriteAllTextAsync(disk, "written to meanwhile");

        (_, string same, _) = await RunWithOutputAsync(commands.Environment, "qemu", "--data", disk);
        await File.WriteAllTextAsync($"{disk}.made", made.Replace(made[0], made[0] == '0' ? '1' : '0'));
        (_, string another, _) = await RunWithOutputAsync(commands.Environment, "qemu", "--data", disk);

        Assert.StartsWith("booting ", same, StringComparison.Ordinal);
        Assert.StartsWith($"the data disk is the one before, and not the one that scripts/image has made since: to begin with that, remove {disk}\n", another, StringComparison.Ordinal);
        Assert.Equal("written to meanwhile", await File.ReadAllTextAsync(disk));
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string script, params string[] arguments)
    {
        (int exitCode, _, string error) = await RunWithOutputAsync([], script, arguments);
        return (exitCode, error);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunWithOutputAsync(
        Dictionary<string, string> environment, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo($"{Machine.Root}/scripts/{script}", arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await said, error);
    }
}
