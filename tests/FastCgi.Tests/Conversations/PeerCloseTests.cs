using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 62 to 65: the front closes, at once or half.</summary>
public class PeerCloseTests
{
    [Fact]
    [Case(62)]
    public void ACloseCancelsEveryRequestWhileTheHandlersCompute()
    {
        int cancelled = 0;
        var front = new Front(async (request, _) =>
        {
            await Record.ExceptionAsync(() => Site.Forever(request.Aborted));
            Interlocked.Increment(ref cancelled);
        });
        for (ushort id = 1; id <= 5; id++)
            front.Send(Wire.Get(id: id));
        front.Transport.Close();
        front.WaitForClose();
        Assert.Equal(5, cancelled);
        Assert.Empty(front.Output.Records);
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(62)]
    public void ACloseIsNoticedWhileTheBodyIsNotRead()
    {
        var front = new Front(async (request, _) => await Site.Forever(request.Aborted), new ServerLimits { BodyBufferBytes = 1000 });
        front.Send(Wire.OpenPost(5000)).Send(new Wire().Stdin(1, new string('x', 4000)));
        front.Transport.Close();
        Assert.False(front.IsClosed); // nothing is received while the body's buffer is full: the sweep looks
        front.SweepAfter(1).WaitForClose();
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(63)]
    public void AfterAHalfCloseTheAnswersAreStillDelivered()
    {
        List<TaskCompletionSource> holds = [];
        var front = new Front(async (request, response) =>
        {
            var hold = new TaskCompletionSource();
            holds.Add(hold);
            await hold.Task;
            Assert.False(request.Aborted.IsCancellationRequested);
            response.Body.Write(request.Path);
        });
        front.Send(Wire.Get("/a", id: 1)).Send(Wire.Get("/b", id: 2));
        front.Transport.HalfClose();
        Assert.False(front.IsClosed);
        holds.Reverse();
        holds.ForEach(hold => hold.SetResult());
        front.WaitForClose();
        Assert.Equal(["/b", "/a"], front.AllReplies().Select(reply => reply.Text));
    }

    [Fact]
    [Case(63)]
    public void AnAnswerThatHadToWaitIsDeliveredAfterAHalfClose()
    {
        var front = new Front(Site.SayPath).StopReading();
        front.Send(new Wire().GetValues("FCGI_MAX_CONNS")).Send(new Wire().Begin(1, role: 9)).Transport.HalfClose();
        Assert.False(front.IsClosed);
        front.StartReading().WaitForClose();
        Assert.Equal(2, front.Output.Records.Count);
    }

    [Fact]
    [Case(63)]
    public void AHalfCloseInsideTheBodyIsAnAbort()
    {
        Exception? thrown = null;
        var front = new Front(async (request, response) =>
        {
            thrown = await Record.ExceptionAsync(() => Site.ReadAllAsync(request));
            throw thrown!;
        });
        front.Send(Wire.OpenPost()).Send(new Wire().Stdin(1, "half of i")).Transport.HalfClose();
        front.WaitForClose();
        Assert.IsType<OperationCanceledException>(thrown);
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(63)]
    public void AFrontThatGoesAfterAHalfCloseCancelsWhatRuns()
    {
        var front = new Front(async (request, _) => await Site.Forever(request.Aborted));
        front.Send(Wire.Get()).Transport.HalfClose();
        Assert.False(front.IsClosed);
        front.Transport.Close();
        front.SweepAfter(1).WaitForClose();
    }

    [Fact]
    [Case(64)]
    public void ABrokenPipeInMidResponseEndsTheHandlerAndOnlyThisConnection()
    {
        FlushHistory history = new();
        var front = new Front(history.WriteUntilUnwanted);
        Front other = front.Beside();
        front.StopReading(window: 100_000).Send(Wire.Get());
        front.WaitFor(() => front.Transport.ServerIsHeldUp, "the response to be held up");
        front.Transport.Close();
        front.WaitFor(() => front.IsClosed, "the connection to end");
        Assert.True(history.ToldToStop);
        Assert.True(front.Log.IsSilent);
        other.StopReading(window: 10).Send(Wire.Get());
        Assert.False(other.IsClosed);
        other.Transport.Close();
        other.WaitFor(() => other.IsClosed, "the other connection to end");
    }

    [Fact]
    [Case(65)]
    public void AFrontThatClosesBeforeTheEndIsNormal()
    {
        var front = new Front(async (_, response) =>
        {
            response.Body.Write(new byte[100]);
            await response.Body.FlushAsync();
        });
        front.StopReading(window: 100).Send(Wire.Get(keep: false)).Transport.Close();
        front.WaitFor(() => front.IsClosed, "the connection to end");
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(65)]
    public void TailEndOfStdoutAndEndRequestLeaveInOneWrite()
    {
        var front = new Front(Site.SayPath);
        front.Send(Wire.Get());
        Assert.Equal(1, front.Transport.Sends);
        Assert.Equal(3, front.Output.Records.Count);
    }

    private sealed class FlushHistory
    {
        public bool ToldToStop { get; private set; }

        public async ValueTask WriteUntilUnwanted(FastCgiRequest request, FastCgiResponse response)
        {
            do
            {
                response.Body.Write(new byte[10_000]);
            }
            while (!(await response.Body.FlushAsync()).IsCompleted);
            ToldToStop = true;
        }
    }
}
