using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>What FilesystemProbeTests and ScrapeTests do not show: the bounds of a whole round.</summary>
public sealed class GuardedCallsTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _isBack = new();

    public void Dispose() => _isBack.Set();

    [Fact]
    public void CallsThatAreAllSlowTakeNoMoreThanTheTotal()
    {
        GuardedCalls<string> calls = new("test", Long, Short, mostHanging: 10);
        string[] answers = Ask(calls, count: 1000, _ => Thread.Sleep(2));
        Assert.Equal("OutOfTime", answers[^1]); // the whole would take 2 s
        Assert.All(answers, answer => Assert.True(answer is "made" or "Timeout" or "OutOfTime", answer));
    }

    [Fact]
    public void CallersBehindOneWhoseCallsHangGiveUpToo()
    {
        GuardedCalls<string> calls = new("test", Long, Short, mostHanging: 10);
        string[][] answers = new string[4][];
        Thread[] callers = new Thread[answers.Length];
        for (int i = 0; i < callers.Length; i++)
        {
            int caller = i;
            callers[i] = new Thread(() => answers[caller] = Ask(calls, count: 3, _ => _isBack.Wait()));
            callers[i].Start();
        }
        Assert.All(callers, caller => Assert.True(caller.Join(Deadline)));
        Assert.All(answers, one => Assert.All(one, answer => Assert.True(answer is "Timeout" or "OutOfTime", answer)));
    }

    [Fact]
    public async Task WhoDoesNotBlockGoesOnWhereTheCallsWereMade()
    {
        GuardedCalls<string> calls = new("test", Long, Long, mostHanging: 1);
        Thread? made = null;
        Thread? wentOn = null;
        using ManualResetEventSlim mayEnd = new();
        Round round = new(1, _ =>
        {
            made = Thread.CurrentThread;
            mayEnd.Wait();
        });
        Task going = GoOn();
        Assert.False(going.IsCompleted);
        mayEnd.Set();
        await going.WaitAsync(Deadline);
        Assert.Same(made, wentOn);

        async Task GoOn()
        {
            await calls.RunAsync(round).ConfigureAwait(false);
            wentOn = Thread.CurrentThread;
        }
    }

    [Fact]
    public async Task WhoDoesNotBlockHearsOfACallThatHangs()
    {
        GuardedCalls<string> calls = new("test", Short, Long, mostHanging: 1);
        Round round = new(3, index =>
        {
            if (index == 1)
                _isBack.Wait();
        });
        await calls.RunAsync(round).WaitAsync(Deadline);
        Assert.Equal(["made", "Timeout", "TooManyHang"], round.Answers);
        Round next = new(2, _ => { });
        await calls.RunAsync(next).WaitAsync(Deadline);
        Assert.Equal(["TooManyHang", "Timeout"], next.Answers);
        _isBack.Set();
        Assert.True(SpinWait.SpinUntil(() => Ask(calls, count: 2, _ => { }) is ["made", "made"], Deadline));
    }

    [Fact]
    public async Task RoundsAreDoneOneAfterTheOther()
    {
        GuardedCalls<string> calls = new("test", Long, Long, mostHanging: 1);
        ConcurrentQueue<int> made = new();
        Task[] rounds = new Task[20];
        for (int i = 0; i < rounds.Length; i++)
        {
            int number = i;
            rounds[i] = calls.RunAsync(new Round(3, index => made.Enqueue((3 * number) + index)));
        }
        await Task.WhenAll(rounds).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 60), made);
    }

    /// <summary>The total ends while a call is being made, again and again, at whatever moment: each round ends once, and the next is served.</summary>
    [Fact]
    public void ATotalThatEndsWithinACallHarmsNoLaterRound()
    {
        GuardedCalls<string> calls = new("test", TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(3), mostHanging: 1000);
        for (int round = 0; round < 200; round++)
        {
            string[] answers = Ask(calls, count: 3, _ => Thread.Sleep(2));
            Assert.All(answers, answer => Assert.True(answer is "made" or "Timeout" or "OutOfTime", answer));
        }
        Assert.True(SpinWait.SpinUntil(() => Ask(calls, count: 1, _ => { }) is ["made"], Deadline));
    }

    [Fact]
    public async Task ARoundThatNobodyWantsAnyMoreIsNotMade()
    {
        GuardedCalls<string> calls = new("test", Long, Long, mostHanging: 1);
        int made = 0;
        Round first = new(1, _ => _isBack.Wait());
        Round unwanted = new(2, _ => Interlocked.Increment(ref made)) { IsStillWanted = false };
        Round last = new(1, _ => { });
        Task[] rounds = [calls.RunAsync(first), calls.RunAsync(unwanted), calls.RunAsync(last)];
        _isBack.Set();
        await Task.WhenAll(rounds).WaitAsync(Deadline);
        Assert.Equal(["made"], last.Answers);
        Assert.Equal(["OutOfTime", "OutOfTime"], unwanted.Answers);
        Assert.Equal(0, made);
    }

    [Fact]
    public async Task AContinuationThatKeepsTheThreadDoesNotKeepTheOthers()
    {
        GuardedCalls<string> calls = new("test", Short, Long, mostHanging: 1);
        using ManualResetEventSlim isAwaited = new();
        Task keeping = Keep();
        isAwaited.Set();
        Round next = new(1, _ => { });
        await calls.RunAsync(next).WaitAsync(Deadline);
        Assert.Equal(["made"], next.Answers);
        Assert.False(keeping.IsCompleted);
        _isBack.Set();
        await keeping.WaitAsync(Deadline);

        async Task Keep()
        {
            await calls.RunAsync(new Round(1, _ => isAwaited.Wait())).ConfigureAwait(false);
            _isBack.Wait();
        }
    }

    [Fact]
    public void ACallThatThrowsIsItsOwnAffair()
    {
        GuardedCalls<string> calls = new("test", Long, Long, mostHanging: 1);
        string[] answers = Ask(calls, count: 3, index => _ = index == 1 ? throw new InvalidOperationException("broken") : 0);
        Assert.Equal(["made", "broken", "made"], answers);
    }

    [Fact]
    public void TheThreadOfOneThatIsRetiredEnds()
    {
        GuardedCalls<string> calls = new("test", Long, Long, mostHanging: 1);
        Thread? thread = null;
        Ask(calls, count: 1, _ => thread = Thread.CurrentThread);
        int done = 0;
        calls.Retire(() => done++);
        Assert.True(thread!.Join(Deadline));
        Assert.Equal(1, done);
        Assert.Equal(["made"], Ask(calls, count: 1, _ => { })); // a late one
        Assert.Equal(2, done);
    }

    private static string[] Ask(GuardedCalls<string> calls, int count, Action<int> call)
    {
        Round round = new(count, call);
        calls.Run(round);
        return round.Answers;
    }

    private sealed class Round(int count, Action<int> call) : GuardedRound<string>(count)
    {
        public string[] Answers { get; } = new string[count];

        public bool IsStillWanted { get; init; } = true;

        public override bool IsWanted => IsStillWanted;

        public override int KeyOf(int index) => index;

        public override string Call(int index)
        {
            call(index);
            return "made";
        }

        public override string Failed(int index, Exception reason) => reason.Message;

        public override string Unanswered(int index, NoAnswer reason) => reason.ToString();

        public override void Take(int index, string answer) => Answers[index] = answer;
    }
}
