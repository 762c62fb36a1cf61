using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
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
        Assert.All(CSide.Room(ArchitectureOf(target)), room => Assert.InRange(inC[room.InC], 1, room.Most));
    }

    [Fact]
    public void EveryConstantGivenToTheCLibraryIsCompared() => Assert.Empty(CSide.Unmatched());

    [ScriptTheory]
    [MemberData(nameof(Targets))]
    public async Task TheProgramNeedsNoLoaderAndHasItsSymbolsBesideIt(string target)
    {
        string program = await Probe.ProgramAsync(target);
        string elf = (await Clone.Here.RunAsync("llvm-readelf", "--wide", "--headers", program)).Succeeded();
        string symbols = (await Clone.Here.RunAsync("llvm-readelf", "--wide", "--headers", $"{program}.dbg")).Succeeded();

        bool movable = !File.ReadAllText(Clone.Here.At($"toolchain/targets/{target}.props"))
            .Contains("<PositionIndependentExecutable>false<", StringComparison.Ordinal);
        Assert.Matches(movable ? @"Type: +DYN" : @"Type: +EXEC", elf);
        Assert.DoesNotContain("INTERP", elf, StringComparison.Ordinal);
        Assert.DoesNotContain(".symtab", elf, StringComparison.Ordinal);
        Assert.DoesNotContain(".debug_info", elf, StringComparison.Ordinal);
        Assert.Contains(".gnu_debuglink", elf, StringComparison.Ordinal);
        Assert.Contains(".symtab", symbols, StringComparison.Ordinal);
        Assert.Contains(".debug_info", symbols, StringComparison.Ordinal);
    }

    private static Architecture ArchitectureOf(string target) =>
        Enum.Parse<Architecture>(target[(target.LastIndexOf('-') + 1)..], ignoreCase: true);

    private static IEnumerable<string> Lines(IEnumerable<(string InC, long Value)> rows) =>
        rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.InC} is {row.Value}"));
}
