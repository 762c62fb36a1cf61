using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 66 to 68: what takes too long. Time is what the sweep is told.</summary>
public class TimeoutTests
{
    [Fact]
    [Case(66)]
    public void AFrontThatStaysSilentIsClosed()
    {
        var front = new Front(Site.SayPath).SweepAfter(9);
        Assert.False(front.IsClosed);
        Assert.True(front.SweepAfter(11).IsClosed);
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(28, 29, 67)]
    public void AHealthCheckThatAsksForValuesAloneIsIdleAndNotSilent()
    {
        var front = new Front(Site.SayPath).Send(new Wire().GetValues());
        Assert.False(front.SweepAfter(61).IsClosed);
        Assert.True(front.SweepAfter(76).IsClosed);
        Assert.True(front.Reconnect().SweepAfter(11).IsClosed);
    }

    [Fact]
    [Case(29, 116)]
    public void AHealthCheckDoesNotHoldUpAStop()
    {
        var front = new Front(Site.SayPath).Send(new Wire().GetValues());
        front.Drain();
        Assert.False(front.SweepAfter(9).IsClosed); // a front that asks for values first is about to ask for more
        Assert.True(front.SweepAfter(11).IsClosed);
    }

    [Fact]
    [Case(67)]
    public void SlowParametersAreClosedHoweverTheyDrip()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        front.Send(new Wire().Begin(1));
        byte[] pairs = Wire.Pairs(("REQUEST_METHOD", "GET"));
        for (int i = 0; i < 5; i++)
            Assert.False(front.Send(new Wire().Record(RecordType.Params, 1, pairs.AsSpan(i, 1))).SweepAfter(9).IsClosed);
        Assert.True(front.SweepAfter(11).IsClosed);
    }

    [Fact]
    [Case(67)]
    public void AnIdleConnectionIsClosedLaterThanFrontsDoItThemselves()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        Assert.False(front.SweepAfter(61).IsClosed);
        Assert.True(front.SweepAfter(76).IsClosed);
    }

    [Fact]
    [Case(67)]
    public void AConnectionIsIdleAlsoAfterAHandlerThatTookItsTime()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, _) => await hold.Task);
        front.Send(Wire.Get());
        Assert.False(front.SweepAfter(76).IsClosed);
        hold.SetResult();
        front.Reply();
        Assert.False(front.SweepAfter(61).IsClosed);
        Assert.True(front.SweepAfter(76).IsClosed);
    }

    [Fact]
    [Case(67)]
    public void ABodyThatStopsArrivingIs408ToAHandlerThatWaitsForIt()
    {
        var front = new Front(Site.Echo);
        front.Send(Wire.OpenPost(10).Stdin(1, "abc")).SweepAfter(64);
        Assert.Empty(front.Output.Ended);
        front.SweepAfter(66);
        RefusalTests.AssertProblem(front.Reply(), 408, "65 seconds");
        front.Send(new Wire().Stdin(1, "defghij").EndStdin(1));
        Assert.Equal("next", front.Ask(Wire.Post("next")).Text);
    }

    [Fact]
    [Case(67)]
    public void AHandlerThatComputesWhileTheBodyIsSlowIsLeftAlone()
    {
        TaskCompletionSource hold = new();
        var front = new Front(async (request, response) =>
        {
            await hold.Task;
            await Site.Echo(request, response);
        });

        // The request before left its handler waiting for a body; nothing of that may stick.
        hold.SetResult();
        front.Send(Wire.OpenPost(3)).Ask(new Wire().Abort(1));
        hold = new TaskCompletionSource();

        front.Send(Wire.OpenPost(3)).SweepAfter(70).Send(new Wire().Stdin(1, "abc").EndStdin(1));
        hold.SetResult();
        Assert.Equal("abc", front.Reply().Text);
    }

    [Fact]
    [Case(68)]
    public void AFrontThatStopsReadingFreesTheHandler()
    {
        bool told = false;
        var front = new Front(async (_, response) =>
        {
            response.Body.Write(new byte[5000]);
            told = (await response.Body.FlushAsync()).IsCompleted;
        });
        front.StopReading(window: 1000).Send(Wire.Get()).SweepAfter(364);
        Assert.False(front.IsClosed);
        front.SweepAfter(366);
        front.WaitFor(() => front.IsClosed, "the connection to end");
        Assert.True(told);
    }

    [Fact]
    [Case(68)]
    public void AFrontThatReadsAgainInTimeLosesNothing()
    {
        var front = new Front(async (_, response) => await response.Body.WriteAsync(new byte[50_000]));
        front.StopReading(window: 1000).Send(Wire.Get()).SweepAfter(364).StartReading();
        Assert.Equal(50_000, front.Reply().Body.Length);
        Assert.False(front.SweepAfter(61).IsClosed);
    }

    [Fact]
    [Case(60)]
    public void ARequestThatTakesTooLongIsCancelledAndAnswered()
    {
        var front = new Front(async (request, _) => await Site.Forever(request.Aborted), new ServerLimits { RequestTimeout = TimeSpan.FromSeconds(30) });
        front.Send(Wire.Get()).SweepAfter(29);
        Assert.Empty(front.Output.Ended);
        front.SweepAfter(31);
        RefusalTests.AssertProblem(front.Reply(), 503, "too long");
        front.Send(Wire.Get(id: 2)).SweepAfter(31);
        Assert.Equal(1u, front.Reply().ApplicationStatus);
    }

    [Fact]
    [Case(60)]
    public void AHandlerThatHeedsNoCancellationLosesItsConnection()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, _) => await hold.Task);
        front.Send(Wire.Get()).SweepAfter(601);
        Assert.False(front.Transport.Aborted);
        front.SweepAfter(603);
        Assert.True(front.Transport.Aborted);
        Assert.False(front.IsClosed); // what the handler still holds is not given to another front
        hold.SetResult();
        front.WaitForClose();
    }

    [Fact]
    [Case(71)]
    public void AFrontThatDoesNotCloseAfterTheLastAnswerIsClosed()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, _) => await hold.Task);
        front.Send(Wire.Get(keep: false));
        hold.SetResult();
        front.Reply();
        Assert.True(front.Transport.SendingFinished);
        Assert.False(front.SweepAfter(1).IsClosed);
        Assert.True(front.SweepAfter(3).IsClosed);
    }
}
