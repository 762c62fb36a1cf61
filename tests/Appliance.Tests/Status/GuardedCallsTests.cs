using System;
using System.Threading;
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
