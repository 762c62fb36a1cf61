using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace FastCgi.Tests.Fuzzing;

/// <summary>
/// Made-up conversations with the real connection code, each session of them reproducible from its number: FUZZ_SEED=n runs only
/// that one, FUZZ_FROM=n others than the usual. Shows: no exception escapes, only whole records are sent, every request begun ends
/// once or the connection closes, nothing hangs, nothing costs more than a bounded amount of memory.
/// </summary>
[Collection(nameof(AloneCollection))]
public class ConversationFuzzTests(ITestOutputHelper output)
{
    private const int Sessions = 1_000_000 / SessionGenerator.Rounds;
    private const int WarmUp = 2000;
    private const long MostGrowth = 32_000_000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Fact]
    [Trait("kind", "fuzz")]
    public void InAMillionConversationsTheServerKeepsItsPromises()
    {
        if (Number("FUZZ_SEED") is long seed)
        {
            RunOne(seed);
            return;
        }
        List<Exception> unobserved = [];
        void Note(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            lock (unobserved)
                unobserved.Add(e.Exception);
        }

        long first = Number("FUZZ_FROM") ?? 1;
        Run(first, WarmUp);
        long before = Settle(); // and the tasks of other tests are gone
        var clock = Stopwatch.StartNew();
        TaskScheduler.UnobservedTaskException += Note;
        (long conversations, long allocated) = Run(first, Sessions);
        double seconds = clock.Elapsed.TotalSeconds;
        long growth = Settle() - before;
        TaskScheduler.UnobservedTaskException -= Note;

        // scripts/test prints lines that begin so.
        output.WriteLine(
            $"figures: fuzzer: {conversations} conversations in {seconds:F0} s; at most {allocated} bytes allocated in a session, {growth} more on the heap");
        Assert.InRange(conversations, 1_000_000, long.MaxValue);
        Assert.InRange(growth, long.MinValue, MostGrowth);
        Assert.Empty(unobserved);
    }

    private static void RunOne(long seed)
    {
        try
        {
            WithoutContext(() => new FuzzedSession(Deadline).Run(seed));
        }
        catch (Exception e)
        {
            Assert.Fail(Shrinking.Describe(seed, e));
        }
    }

    private static (long Conversations, long MostAllocated) Run(long firstSeed, int sessions)
    {
        var workers = Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)).Select(_ => new Worker()).ToArray();
        long next = firstSeed;
        foreach (Worker worker in workers)
            worker.Start(() => Interlocked.Increment(ref next) - 1 is long seed && seed < firstSeed + sessions ? seed : null);
        foreach (Worker worker in workers)
        {
            while (!worker.Join(TimeSpan.FromSeconds(1)))
                Assert.False(workers.Any(one => one.Hangs(Deadline)), $"sessions that hang: {string.Join(", ", workers.Where(one => one.Hangs(Deadline)).Select(one => one.Seed))}");
        }
        if (workers.FirstOrDefault(worker => worker.Failure is not null) is Worker failed)
            WithoutContext(() => Assert.Fail(Shrinking.Describe(failed.Seed, failed.Failure!)));
        return (workers.Sum(worker => worker.Session.Conversations), workers.Max(worker => worker.Session.MostAllocated));
    }

    private static long Settle()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static long? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is string { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>Servers have no synchronization context, and the test runner's would catch what is meant for the pool.</summary>
    private static void WithoutContext(Action action)
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>A thread that runs one session after the other.</summary>
    private sealed class Worker
    {
        private Thread? _thread;
        private long _seed;
        private long _startedAt = long.MaxValue;

        public FuzzedSession Session { get; } = new(Deadline);

        public Exception? Failure { get; private set; }

        public long Seed => Volatile.Read(ref _seed);

        /// <summary>Whether its session takes longer than all its waits may.</summary>
        public bool Hangs(TimeSpan deadline) => Environment.TickCount64 - Volatile.Read(ref _startedAt) > 2 * deadline.TotalMilliseconds;

        public void Start(Func<long?> next)
        {
            _thread = new Thread(() => Work(next)) { IsBackground = true };
            _thread.Start();
        }

        public bool Join(TimeSpan atMost) => _thread!.Join(atMost);

        private void Work(Func<long?> next)
        {
            while (Failure is null && next() is long seed)
            {
                Volatile.Write(ref _seed, seed);
                Volatile.Write(ref _startedAt, Environment.TickCount64);
                try
                {
                    Session.Run(seed);
                }
                catch (Exception e)
                {
                    Failure = e;
                }
            }
            Volatile.Write(ref _startedAt, long.MaxValue);
        }
    }
}
