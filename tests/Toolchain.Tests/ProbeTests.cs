using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Xunit;

namespace Toolchain.Tests;

/// <summary>Each target's compiler, linker, sysroot and C library, by a C program that is linked as the appliance is.</summary>
public class ProbeTests
{
    public static TheoryData<string> Targets => [.. Clone.Targets];

    [ScriptTheory]
    [MemberData(nameof(Targets))]
    public async Task TheTargetsCLibraryIsTheOneOurCodeCalls(string target)
    {
        Dictionary<string, long> inC = await Probe.OfAsync(target);
        (string InC, long Value)[] ours = [.. CSide.On(ArchitectureOf(target))];

        Assert.Equal(Lines(ours), Lines(ours.Select(row => (row.InC, inC.GetValueOrDefault(row.InC, long.MinValue)))));
    }

    [Fact]
    public void EveryConstantGivenToTheCLibraryIsCompared() => Assert.Empty(CSide.Unmatched());

    [ScriptTheory]
    [MemberData(nameof(Targets))]
    public async Task TheProgramNeedsNoLoaderAndHasItsSymbolsBesideIt(string target)
    {
        string program = await Probe.ProgramAsync(target);
        string elf = (await Clone.Here.RunAsync("llvm-readelf", "--wide", "--file-header", "--program-headers", "--sections", program)).Succeeded();
        string symbols = (await Clone.Here.RunAsync("llvm-readelf", "--wide", "--sections", $"{program}.dbg")).Succeeded();

        string machine = ArchitectureOf(target) switch
        {
            Architecture.X64 => "X86-64",
            Architecture.Arm64 => "AArch64",
            _ => "ARM",
        };
        Assert.Matches($@"Machine: .*\b{machine}\n", elf);
        // glibc has no start-up code for a static-pie on 32-bit ARM.
        Assert.Matches(target == "linux-arm" ? @"Type: +EXEC" : @"Type: +DYN", elf);
        Assert.DoesNotContain("INTERP", elf, StringComparison.Ordinal);
        Assert.DoesNotContain(".symtab", elf, StringComparison.Ordinal);
        Assert.DoesNotContain(".debug_info", elf, StringComparison.Ordinal);
        Assert.Contains(".gnu_debuglink", elf, StringComparison.Ordinal);
        Assert.Contains(".symtab", symbols, StringComparison.Ordinal);
        Assert.Contains(".debug_info", symbols, StringComparison.Ordinal);
    }

    private static Architecture ArchitectureOf(string target) => target[(target.LastIndexOf('-') + 1)..] switch
    {
        "x64" => Architecture.X64,
        "arm64" => Architecture.Arm64,
        "arm" => Architecture.Arm,
        string other => throw new ArgumentOutOfRangeException(nameof(target), other, "an architecture these tests do not know"),
    };

    private static IEnumerable<string> Lines(IEnumerable<(string InC, long Value)> rows) =>
        rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.InC} is {row.Value}"));
}
