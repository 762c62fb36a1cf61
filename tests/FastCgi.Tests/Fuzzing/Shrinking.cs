using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;

namespace FastCgi.Tests.Fuzzing;

/// <summary>Finds a small session that fails as a large one does.</summary>
internal static class Shrinking
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1); // of a session that may hang

    /// <summary>What to do about a seed whose session failed: the failure, how to see it again, and the fewest steps that show it.</summary>
    public static string Describe(long seed, Exception failure)
    {
        SessionPlan plan = SessionGenerator.Make(seed, new Draft());
        List<Step> steps = plan.Steps;
        var text = new StringBuilder(
            $"session {seed}, multiplexing {(plan.Multiplexes ? "on" : "off")}, posted work {(plan.PostsLater ? "later" : "at once")}: {failure}\nagain: FUZZ_SEED={seed}\n");
        if (Fails(plan, failure))
            Shrink(steps, fewer => Fails(plan with { Steps = fewer }, failure));
        else
            text.Append("it does not fail again by itself; all its steps:\n");
        foreach (Step step in steps)
            text.Append(step).Append('\n');
        return text.ToString();
    }

    private static void Shrink(List<Step> steps, Predicate<List<Step>> fails)
    {
        var clock = Stopwatch.StartNew();
        DropRounds(steps, fails);
        for (int size = steps.Count / 2; size > 0; size /= 2)
        {
            for (int at = 0; at + size <= steps.Count && clock.Elapsed < Patience;)
            {
                List<Step> fewer = [.. steps.Take(at), .. steps.Skip(at + size)];
                if (Enumerable.Range(at, size).All(index => MayDrop(steps, index)) && fails(fewer))
                    steps.RemoveRange(at, size);
                else
                    at += size;
            }
        }
        for (int at = 0; at < steps.Count; at++)
        {
            if (steps[at].Kind == StepKind.Send && MayDrop(steps, at))
                ShrinkBytes(steps, at, clock, fails);
        }
    }

    private static void DropRounds(List<Step> steps, Predicate<List<Step>> fails)
    {
        for (int from = 0; from < steps.Count;)
        {
            int length = steps.FindIndex(from, step => step.Kind == StepKind.EndRound) + 1 - from;
            if (length < steps.Count && fails([.. steps.Take(from), .. steps.Skip(from + length)]))
                steps.RemoveRange(from, length);
            else
                from += length;
        }
    }

    private static void ShrinkBytes(List<Step> steps, int at, Stopwatch clock, Predicate<List<Step>> fails)
    {
        for (int size = steps[at].Bytes.Length / 2; size > 0; size /= 2)
        {
            for (int from = 0; from + size <= steps[at].Bytes.Length && clock.Elapsed < Patience;)
            {
                Step before = steps[at];
                steps[at] = before with { Bytes = (byte[])[.. before.Bytes.Span[..from], .. before.Bytes.Span[(from + size)..]] };
                if (fails(steps))
                    continue;
                steps[at] = before;
                from += size;
            }
        }
    }

    /// <summary>False for what a round cannot do without: its end, and all that is sent where it is known what must be answered.</summary>
    private static bool MayDrop(List<Step> steps, int index) => steps[index].Kind switch
    {
        StepKind.EndRound => false,
        StepKind.Send => steps.Skip(index).First(step => step.Kind == StepKind.EndRound).Expected is null,
        _ => true,
    };

    /// <summary>Whether it fails, and for the same reason.</summary>
    private static bool Fails(SessionPlan plan, Exception failure)
    {
        try
        {
            new FuzzedSession(Deadline).Run(plan, debug: true);
            return false;
        }
        catch (Exception e)
        {
            return KindOf(e) == KindOf(failure);
        }
    }

    private static string KindOf(Exception e) => $"{e.GetType().Name} {e.Message.Split(':')[0]}";
}
