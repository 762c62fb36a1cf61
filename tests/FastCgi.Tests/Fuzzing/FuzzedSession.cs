using System;
using System.Collections.Generic;
using System.IO;

namespace FastCgi.Tests.Fuzzing;

/// <summary>
/// Runs sessions, each with a server of its own, one after the other on the same buffers. Throws when a promise is broken, and
/// is not to be used again then.
/// </summary>
internal sealed class FuzzedSession(TimeSpan deadline)
{
    /// <summary>What a session may allocate: far more than its requests may hold at once, far less than a length it was told.</summary>
    private const long FixedBytes = 8_000_000;
    private const int BytesPerByteSent = 60;

    private readonly FuzzedLine[] _lines = [new(), new()];
    private readonly Draft _draft = new();
    private FuzzedLoop? _loop;

    public static ServerLimits Limits { get; } = new()
    {
        MaxRequestsPerConnection = 4,
        MaxParametersBytes = 2500,
        MaxParameters = 6,
        MaxBodyBytes = 5000,
        BodyBufferBytes = 1000,
        LingerBytes = 20_000,
        MaxRequests = 6,
        MaxUnflushedBytes = 70_000,
        MaxUnreadAnswers = 8,
        MaxBlockingHandlers = 2,
        MaxQueuedRequests = 2,
    };

    private static readonly ServerLimits OneAtATime = Limits with { MaxRequestsPerConnection = 1 };

    /// <summary>Conversations held so far.</summary>
    public long Conversations { get; private set; }

    /// <summary>The most a session of those run so far has allocated on this thread.</summary>
    public long MostAllocated { get; private set; }

    public void Run(long seed)
    {
        Run(SessionGenerator.Make(seed, _draft), debug: seed % 16 == 0);
    }

    public void Run(SessionPlan plan, bool debug)
    {
        List<Step> steps = plan.Steps;
        long before = GC.GetAllocatedBytesForCurrentThread();
        var site = new FuzzedSite();
        var log = new FuzzedLog(debug);
        var dispatcher = new RequestDispatcher(site, plan.Multiplexes ? Limits : OneAtATime, log);
        _loop = plan.PostsLater ? new FuzzedLoop(new Dice(plan.Seed)) : null;
        foreach (FuzzedLine line in _lines)
            line.Use(dispatcher, _loop, deadline);
        for (int first = 0; first < steps.Count;)
        {
            int end = first;
            while (steps[end].Kind != StepKind.EndRound)
                end++;
            RunRound(steps, first, end, site);
            if (log.Failure is string failure)
                throw new InvalidDataException($"the log says: {failure}");
            first = end + 1;
        }
        CheckMemory(GC.GetAllocatedBytesForCurrentThread() - before, _lines[0].Sent + _lines[1].Sent);
    }

    private void RunRound(List<Step> steps, int first, int end, FuzzedSite site)
    {
        site.Hold();
        bool two = false;
        for (int i = first; i < end; i++)
            two |= steps[i].Line == 1;
        Span<FuzzedLine> lines = _lines.AsSpan(0, two ? 2 : 1);
        Conversations += lines.Length;
        foreach (FuzzedLine line in lines)
            line.Open(keepsAnswers: steps[end].Expected is not null);
        for (int i = first; i < end; i++)
        {
            if (steps[i].Kind == StepKind.Release)
                site.ReleaseOne();
            lines[steps[i].Line].Do(steps[i]);
            _loop?.RunSome();
        }

        var how = (RoundEnd)steps[end].Number;
        foreach (FuzzedLine line in lines)
            line.ReadAll();
        site.ReleaseAll();
        foreach (FuzzedLine line in lines)
            line.StartToEnd(how);
        foreach (FuzzedLine line in lines)
            line.WaitForEnd(how, steps[end].Expected);
    }

    private void CheckMemory(long allocated, long sent)
    {
        MostAllocated = Math.Max(MostAllocated, allocated);
        if (allocated > FixedBytes + sent * BytesPerByteSent)
            throw new InvalidDataException($"{allocated} bytes allocated for {sent} bytes sent");
    }
}
