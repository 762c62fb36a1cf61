using System;
using System.Collections.Generic;
using System.Linq;

namespace Benchmarks;

/// <summary>One run: what was asked for, who takes part, and where results, progress and failures go.</summary>
internal sealed class Bench(Options options, IReadOnlyList<Contender> contenders)
{
    public Options Options { get; } = options;

    public IReadOnlyList<Contender> Contenders { get; } = contenders;

    /// <summary>Ours, or null where the binary has not been built: then the peers are measured alone.</summary>
    public Contender? Appliance => Contenders.FirstOrDefault(contender => contender.Name == Contender.Ours);

    public int Failures { get; private set; }

    public void Run(Section section)
    {
        Write($"## {section.Name}: {section.Tells}\n");
        try
        {
            section.Run(this);
        }
        catch (BenchException problem)
        {
            // One section that cannot be measured takes nothing from the others.
            Fail($"{section.Name} not measured: {problem.Message}");
        }

        Write("");
    }

    public void Print(Table table) => Write(table + "\n");

    public void Note(string text) => Write(text + "\n");

    public void Print(IEnumerable<Target> targets)
    {
        if (Appliance is null)
        {
            Note("No verdict on the targets: the binary was not measured.");
            return;
        }

        var table = new Table("target", "wanted", "reached", "verdict");
        foreach (Target target in targets)
            table.Row(target.Of, target.Wanted, target.ReachedText, target.Verdict);
        Print(table);
    }

    /// <summary>A figure that must not be believed: said in the results, and the exit code is 1.</summary>
    public void Fail(string why)
    {
        Failures++;
        Write($"**FAILED: {why}**\n");
    }

    /// <summary>What is being measured now; on stderr, so that stdout can be kept as a report.</summary>
    public static void Progress(string what) => Console.Error.WriteLine("  … " + what);

    private static void Write(string text) => Console.Out.WriteLine(text);
}

/// <summary>Something is missing or refused to work; the message is one clear line for the person at the terminal.</summary>
internal sealed class BenchException(string message) : Exception(message);
