using System;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using System.Xml.Linq;
using Xunit.Sdk;

namespace Toolchain.Tests;

/// <summary>What scripts/build makes of the appliance for a target; made once for all tests.</summary>
public static class Binary
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Ended>>> Builds = new();

    /// <summary>How scripts/build ended.</summary>
    public static Task<Ended> BuildAsync(string target) =>
        Builds.GetOrAdd(target, name => new(() => Clone.Here.RunAsync("scripts/build", "--target", name))).Value;

    /// <summary>
    /// Runs it to its end, here where it can, in QEMU's user emulation otherwise, with an empty standard input and nothing in the
    /// environment but the variables, "NAME=value". Skips the test where it cannot be built.
    /// </summary>
    public static async Task<Ended> RunAsync(string target, string[] variables, params string[] arguments)
    {
        (await BuildAsync(target)).OrSkip().Succeeded();
        string own = (await Clone.Here.RunAsync("dpkg", "--print-architecture")).Succeeded().Trim();
        string[] emulator = Fact(target, "DebianArchitecture") == own ? [] : [Fact(target, "Emulator")];
        if (emulator.Length > 0 && (await Clone.Here.RunAsync("sh", "-c", $"command -v {emulator[0]}")).ExitCode != 0)
            throw SkipException.ForSkip($"{emulator[0]} is not installed: apt-get install qemu-user");
        return await Clone.Here.RunAsync(
            ["env", "-i", .. variables, .. emulator, Clone.Here.At($"artifacts/{target}/appliance"), .. arguments]);
    }

    /// <summary>The processor that an ELF file is for (e_machine).</summary>
    public static int Machine(ReadOnlySpan<byte> elf) => BinaryPrimitives.ReadUInt16LittleEndian(elf[18..]);

    /// <summary>The processor that a target's C library is for.</summary>
    public static async Task<int> MachineOfAsync(string target)
    {
        (await Clone.Here.RunAsync("scripts/sysroot", "--target", target)).OrSkip().Succeeded();
        string start = Directory.GetFiles(Clone.Here.At($"artifacts/sysroots/{target}"), "crt1.o", SearchOption.AllDirectories).First();
        return Machine(await File.ReadAllBytesAsync(start));
    }

    private static string Fact(string target, string name) =>
        XDocument.Load(Clone.Here.At($"toolchain/targets/{target}.props")).Descendants(name).Single().Value;
}
