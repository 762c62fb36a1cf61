using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

namespace Toolchain.Tests;

/// <summary>What toolchain/probe/probe.c says of a target; made and run once for all tests.</summary>
internal static class Probe
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Ended>>> Ended = new();

    public static async Task<Dictionary<string, long>> OfAsync(string target)
    {
        Ended ended = await Ended.GetOrAdd(target, name => new(() => Clone.Here.RunAsync("scripts/probe", "--target", name))).Value;
        return ended.OrSkip().Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (Line: line, Blank: line.LastIndexOf(' ')))
            .ToDictionary(at => at.Line[..at.Blank], at => long.Parse(at.Line[at.Blank..], CultureInfo.InvariantCulture));
    }

    /// <summary>The program itself.</summary>
    public static async Task<string> ProgramAsync(string target)
    {
        await OfAsync(target);
        return Clone.Here.At($"artifacts/probe/{target}/probe");
    }
}
