using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>A handler that heeds no cancellation costs its own answer, and on a shared connection nobody else's.</summary>
public class StuckHandlerTests
{
    private static readonly ServerLimits Impatient = new() { RequestTimeout = TimeSpan.FromSeconds(30), HeaderTimeout = TimeSpan.FromSeconds(100) };

    private readonly TaskCompletionSource _hold = new();

    [Fact]
    [Case(49, 59, 60)]
    public void OnASharedConnectionItAloneIsEndedAndItsIdMayBeUsedAgain()
    {
        var front = new Front(StickAsync, Impatient);
        front.Send(Wire.Get("/stuck", id: 1)).Send(new Wire().Begin(2)).SweepAfter(31);
        Assert.Empty(front.Output.Ended);
        front.SweepAfter(33);
        Reply ended = front.Reply();
        RefusalTests.AssertProblem(ended, 503, "too long");
        Assert.Equal((1, 1u), (ended.Id, ended.ApplicationStatus));

        Assert.Equal("/two", front.Ask(Question(2, "/two")).Text);
        Assert.Equal("/again", front.Ask(Wire.Get("/again", id: 1)).Text);
        Assert.Equal([RequestStage.Abandoned], Stages(front));
        Assert.Equal(1, front.Dispatcher.Running); // it keeps its place

        _hold.SetResult();
        Assert.Empty(Stages(front));
        Assert.Equal(0, front.Dispatcher.Running);
        Assert.Equal("/still", front.Ask(Wire.Get("/still")).Text);
        Assert.Equal(4, front.AllReplies().Count);
        Assert.Equal(1, front.Dispatcher.Counters.TimedOut);
    }

    [Fact]
    [Case(59, 60)]
    public void BehindAPartOfAnAnswerComesTheEndAndNothingAfterIt()
    {
        var front = new Front(
            async (request, response) =>
            {
                if (request.Path.SequenceEqual("/stuck"u8))
                {
                    response.Body.Write("a part"u8);
                    await response.Body.FlushAsync();
                }
                await StickAsync(request, response);
                Assert.True((await response.Body.FlushAsync()).IsCompleted || request.Path[1] != 's');
            },
            Impatient);
        front.Send(Wire.Get("/stuck", id: 1)).Send(new Wire().Begin(2)).SweepAfter(33);
        Reply ended = front.Reply();
        Assert.Equal(("a part", true, 1u), (ended.Text, ended.StdoutEnded, ended.ApplicationStatus));
        _hold.SetResult();
        Assert.Equal("/two", front.Ask(Question(2, "/two")).Text);
        Assert.Equal(2, front.AllReplies().Count);
        Assert.True(front.Log.IsSilent);
    }

    [Theory]
    [Case(59, 60, 91)]
    [InlineData(true)]
    [InlineData(false)]
    public void ASendUnderWayIsFinishedBeforeTheEnd(bool handlerEndsFirst)
    {
        var front = new Front(
            async (request, response) =>
            {
                response.Body.Write(new byte[3500]);
                if (request.Id == 1)
                    await response.Body.FlushAsync();
                await StickAsync(request, response);
            },
            Impatient);
        front.StopReading(window: 1000).Send(Wire.Get("/stuck", id: 1)).Send(new Wire().Begin(2)).SweepAfter(33);
        if (handlerEndsFirst)
            _hold.SetResult();
        Reply ended = front.StartReading().Reply();
        Assert.Equal((3500, 1u), (ended.Body.Length, ended.ApplicationStatus));
        _hold.TrySetResult();
        Assert.Equal(3504, front.Ask(Question(2, "/two")).Body.Length);
        Assert.Equal(2, front.AllReplies().Count);
        front.WaitFor(() => front.Connection.IsIdle, "the requests to be over");
        Assert.Equal(0, front.Dispatcher.Running);
    }

    [Fact]
    [Case(60)]
    public void AHandlerThatEndsWhileItsEndWaitsToBeSentIsOver()
    {
        var front = new Front(StickAsync, Impatient).StopReading();
        front.Send(Wire.Get("/stuck", id: 1)).Send(new Wire().Begin(2)).SweepAfter(33);
        Assert.Equal([RequestStage.Abandoned, RequestStage.ReadingParameters], Stages(front));
        _hold.SetResult();
        Assert.Equal(RequestStage.Ending, Stages(front)[0]);
        RefusalTests.AssertProblem(front.StartReading().Reply(), 503, "too long");
        Assert.Equal([RequestStage.ReadingParameters], Stages(front));
        Assert.Equal("/two", front.Ask(Question(2, "/two")).Text);
    }

    [Fact]
    [Case(60)]
    public void TwoThatAreStuckAreEndedBoth()
    {
        var front = new Front(StickAsync, Impatient);
        front.Send(Wire.Get("/stuck", id: 1)).Send(Wire.Get("/stuck", id: 2)).SweepAfter(33);
        for (int id = 1; id <= 2; id++)
        {
            Reply ended = front.Reply();
            RefusalTests.AssertProblem(ended, 503, "too long");
            Assert.Equal(id, ended.Id);
        }
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
        Assert.False(front.Transport.Aborted);
    }

    [Fact]
    [Case(45, 60)]
    public void TheConnectionClosesWhenAllIsAnsweredAndServesAnotherFrontWhenTheHandlerHasEnded()
    {
        var front = new Front(StickAsync, Impatient);
        front.Send(Wire.Get("/stuck", id: 1, keep: false)).Send(new Wire().Begin(2)).SweepAfter(33).Ask(Question(2, "/two"));
        Assert.True(front.Transport.Aborted);
        Assert.False(front.IsClosed);
        _hold.SetResult();
        front.WaitForClose();
        Assert.Equal(2, front.AllReplies().Count);
        Assert.Equal("/", front.Reconnect().Ask(Wire.Get()).Text);
    }

    [Fact]
    [Case(47)]
    public void AnAuthorizersIsADenial()
    {
        var front = new Front(new Site(StickAsync) { Roles = [Role.Responder, Role.Authorizer] }, Impatient);
        front.Send(new Wire().Begin(1, role: 2).Variables(1, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/stuck"))).Send(new Wire().Begin(2));
        Assert.Equal("503 Service Unavailable", front.SweepAfter(33).Reply().Status);
    }

    [Theory]
    [Case(60, 105)]
    [InlineData(1)]
    [InlineData(3)]
    public void OneThatReadsABodyGetsAnException(ushort role)
    {
        Exception? thrown = null, again = null;
        var front = new Front(
            new Site(async (request, response) =>
            {
                if (request.Id == 2)
                {
                    await Site.SayPath(request, response);
                    return;
                }
                thrown = await Record.ExceptionAsync(async () => await request.Body.ReadAsync());
                again = await Record.ExceptionAsync(async () => await request.Body.ReadAsync());
                response.Body.Write("late"u8);
                await response.Body.FlushAsync(); // a filter's waits for the end of the body
                await StickAsync(request, response);
            })
            {
                Roles = [Role.Responder, Role.Filter],
            },
            Impatient);
        front.Send(new Wire().Begin(1, role: role).Variables(1, ("REQUEST_METHOD", "POST"), ("SCRIPT_NAME", "/stuck"), ("CONTENT_LENGTH", "9")));
        front.Send(new Wire().Begin(2)).SweepAfter(33);
        RefusalTests.AssertProblem(front.Reply(), 503, "too long");
        front.WaitFor(() => Volatile.Read(ref again) is not null, "the handler to be told");
        Assert.IsType<OperationCanceledException>(thrown);
        Assert.IsType<OperationCanceledException>(again);
        front.Send(new Wire().Stdin(1, "123456789").EndStdin(1));
        _hold.SetResult();
        Assert.Equal("/two", front.Ask(Question(2, "/two")).Text);
        front.WaitFor(() => front.Dispatcher.Running == 0, "the handler to end");
        Assert.Equal(2, front.AllReplies().Count);
    }

    [Fact]
    [Case(60)]
    public void ARequestThatOnlyWaitsBehindStuckHandlersIsAnsweredAtItsDeadline()
    {
        using var gate = new ManualResetEventSlim();
        int started = 0;
        var front = new Front(
            new Site(
                (_, _) =>
                {
                    Interlocked.Increment(ref started);
                    Assert.True(gate.Wait(Front.Deadline));
                    return default;
                },
                mayBlock: true),
            Impatient with { MaxBlockingHandlers = 1 });
        front.Send(Wire.Get()).WaitFor(() => Volatile.Read(ref started) == 1, "the handler to start");
        Front second = front.Beside().Send(Wire.Get("/second")), third = front.Beside().Send(Wire.Get("/third"));
        RefusalTests.AssertProblem(second.SweepAfter(31).Reply(), 503, "too long");
        Assert.Equal(1, front.Dispatcher.Blocking.Count().Waiting);
        Assert.False(second.Transport.Aborted);
        gate.Set();
        Assert.Equal("200 OK", third.Reply().Status);
        Assert.Equal(2, started);
    }

    private static List<RequestStage> Stages(Front front)
    {
        List<RequestFigures> figures = [];
        front.Connection.AddFigures(figures, Environment.TickCount64);
        return [.. figures.Select(figure => figure.Stage)];
    }

    private static Wire Question(ushort id, string path) =>
        new Wire().Variables(id, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", path)).EndStdin(id);

    /// <summary>Says its path; before, /stuck waits and heeds nothing.</summary>
    private async ValueTask StickAsync(FastCgiRequest request, FastCgiResponse response)
    {
        if (request.Path.SequenceEqual("/stuck"u8))
            await _hold.Task;
        await Site.SayPath(request, response);
    }
}
