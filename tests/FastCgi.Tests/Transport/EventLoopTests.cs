using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Xunit;

namespace FastCgi.Tests.Transport;

/// <summary>The loop itself: descriptors that are ready, actions posted to it, and what ends its waiting.</summary>
public sealed class EventLoopTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly List<int> _counters = [];

    public void Dispose()
    {
        _counters.ForEach(_loop.Close);
        _loop.Dispose();
    }

    [Fact]
    public async Task PostedActionsRunOnTheLoopsThreadInTheOrderOfEveryPoster()
    {
        const int Posters = 4, Each = 2000;
        List<(int Poster, int Number, bool OnLoop)> ran = [];
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var thread = new LoopThread(_loop);
        await Task.WhenAll(Enumerable.Range(0, Posters).Select(poster => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = i;
                _loop.Post(() =>
                {
                    ran.Add((poster, number, thread.IsCurrent));
                    if (ran.Count == Posters * Each)
                        all.SetResult();
                });
            }
        }))).WaitAsync(Front.Deadline);
        await all.Task.WaitAsync(Front.Deadline);
        Assert.All(ran, action => Assert.True(action.OnLoop));
        for (int poster = 0; poster < Posters; poster++)
            Assert.Equal(Enumerable.Range(0, Each), ran.Where(action => action.Poster == poster).Select(action => action.Number));
    }

    [Fact]
    public async Task AnActionPostedFromInsideOneRunsAfterThoseAlreadyPostedAndIsNotWaitedFor()
    {
        List<string> ran = [];
        _loop.Post(() =>
        {
            ran.Add("first");
            _loop.Post(() => ran.Add("inside"));
        });
        _loop.Post(() => ran.Add("second"));
        _loop.Turn(0);
        Assert.Equal(["first", "second"], ran);
        await TurnForEverAsync();
        Assert.Equal(["first", "second", "inside"], ran);
    }

    [Fact]
    public void WhatIsPostedByAReadyDescriptorRunsAfterTheOthersWereHandled()
    {
        List<string> ran = [];
        for (int i = 0; i < 2; i++)
        {
            Ready(new Target(_ =>
            {
                ran.Add("ready");
                _loop.Post(() => ran.Add("posted"));
            }));
        }
        _loop.Turn(0);
        Assert.Equal(["ready", "ready", "posted", "posted"], ran);
    }

    [Fact]
    public void AnActionThatPostsItselfForEverStarvesNoDescriptor()
    {
        int ran = 0, told = 0;
        void Again()
        {
            ran++;
            _loop.Post(Again);
        }
        _loop.Post(Again);
        Ready(new Target(_ => told++));
        _loop.Turn(0);
        _loop.Turn(0);
        Assert.Equal((2, 2), (ran, told));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AWakeOrAPostEndsAWaitForEverWheneverItComes(bool post)
    {
        const int Turns = 100;
        var random = new Random(1);
        int ran = 0;
        for (int i = 0; i < Turns; i++)
        {
            Task turn = TurnForEverAsync();
            Thread.SpinWait(random.Next(3000));
            if (post)
                _loop.Post(() => ran++);
            else
                _loop.Wake();
            await turn;
        }
        _loop.Turn(0); // an action may have come after the turn that its wake-up ended
        Assert.Equal(post ? Turns : 0, ran);
    }

    [Fact]
    public void ATurnWithNothingToDoWaitsAsLongAsItWasTold()
    {
        _loop.Wake();
        _loop.Turn(0); // a wake-up is used up by one turn
        long before = Environment.TickCount64;
        _loop.Turn(30);
        Assert.InRange(Environment.TickCount64 - before, 20, (long)Front.Deadline.TotalMilliseconds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ManyDescriptorsWithHighNumbersAreAllTold(bool highestFirst)
    {
        const int Many = 200; // more than the list of targets has at first, and more than one wait brings
        HashSet<int> told = [];
        List<int> counters = [.. Enumerable.Range(0, Many).Select(_ => NewCounter()).Order()];
        Assert.True(counters[^1] > 128);
        if (highestFirst)
            counters.Reverse();
        foreach (int counter in counters)
        {
            _loop.Add(counter, new Target(_ =>
            {
                LibC.Clear(counter);
                Assert.True(told.Add(counter));
            }), Readiness.Input);
        }
        _loop.Turn(0);
        Assert.Empty(told);
        counters.ForEach(LibC.Increment);
        for (int i = 0; i < Many && told.Count < Many; i++)
            _loop.Turn(0);
        Assert.Equal(counters.ToHashSet(), told);
    }

    [Fact]
    public void OnlyWhatIsWaitedForIsTold()
    {
        List<Readiness> told = [];
        int counter = Ready(new Target(told.Add));
        _loop.Change(counter, Readiness.None);
        _loop.Turn(0);
        Assert.Empty(told);
        _loop.Change(counter, Readiness.Output);
        _loop.Turn(0);
        _loop.Change(counter, Readiness.Input);
        _loop.Turn(0);
        Assert.Equal([Readiness.Output, Readiness.Input], told);
    }

    [Fact]
    public void ADescriptorClosedInTheTurnThatFoundItReadyIsNotTold()
    {
        int[] counters = new int[2];
        List<int> told = [];
        for (int i = 0; i < 2; i++)
        {
            int other = 1 - i;
            counters[i] = Ready(new Target(_ =>
            {
                told.Add(other);
                _loop.Close(counters[other]);
                _counters.Remove(counters[other]);
            }));
        }
        _loop.Turn(0);
        Assert.Single(told);
    }

    [Fact]
    public void TheTargetOfAClosedDescriptorIsForgotten()
    {
        WeakReference target = AddAndClose();
        GC.Collect();
        Assert.False(target.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference AddAndClose()
        {
            var target = new Target(_ => Assert.Fail("told"));
            int counter = Ready(target);
            _counters.Remove(counter);
            _loop.Close(counter);
            _loop.Turn(0);
            return new WeakReference(target);
        }
    }

    [Fact]
    public void ADescriptorThatIsNotOpenIsRefused() =>
        Assert.Throws<IOException>(() => _loop.Add(100_000, new Target(_ => { }), Readiness.Input)); // as many no test opens

    [Fact]
    public void AWakeThatComesTooLateDisturbsNobody()
    {
        var gone = new EventLoop();
        gone.Dispose();
        for (int i = 0; i < 4; i++) // these have its numbers now, unless another test was quicker
            _loop.Add(NewCounter(), new Target(_ => Assert.Fail("told")), Readiness.Input);
        gone.Wake();
        gone.Post(() => Assert.Fail("ran"));
        _loop.Turn(0);
    }

    private Task TurnForEverAsync() => LoopThread.StartElsewhere(() => _loop.Turn(-1)).WaitAsync(Front.Deadline);

    /// <summary>Waits for a descriptor that is ready already.</summary>
    private int Ready(Target target)
    {
        int counter = NewCounter();
        _loop.Add(counter, target, Readiness.Input);
        LibC.Increment(counter);
        return counter;
    }

    private int NewCounter()
    {
        int counter = LibC.NewEventCounter();
        _counters.Add(counter);
        return counter;
    }

    private sealed class Target(Action<Readiness> tell) : IReadinessTarget
    {
        public void OnReady(Readiness readiness) => tell(readiness);
    }
}
