using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>What a connection does once the server is told to stop: nothing in flight is lost.</summary>
public class DrainTests
{
    [Fact]
    [Case(116)]
    public void AnIdleKeptConnectionClosesAtOnce()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        front.Drain();
        Assert.True(front.IsClosed);
        Assert.True(front.Log.IsSilent);
    }

    [Theory]
    [Case(116)]
    [InlineData(true)]
    [InlineData(false)]
    public void AConnectionThatWasJustUsedServesOneMoreRequestOrClosesAMomentLater(bool usedAgain)
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        front.Drain(idle: 0).SweepAfter(0.1);
        Assert.False(front.IsClosed || front.Transport.Refuses);
        if (usedAgain)
            Assert.Equal("/again", front.Ask(Wire.Get("/again")).Text);
        else
            front.SweepAfter(0.5);
        Assert.True(front.IsClosed);
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(116)]
    public void HowLongThatMomentIsIsALimit()
    {
        var front = new Front(Site.SayPath, new ServerLimits { DrainIdleTimeout = TimeSpan.FromSeconds(3) });
        front.Ask(Wire.Get());
        front.Drain(idle: 0).SweepAfter(2);
        Assert.False(front.IsClosed || front.Transport.Refuses);
        front.SweepAfter(4);
        Assert.True(front.IsClosed);
    }

    [Fact]
    [Case(116)]
    public void WhoeverSendsOnAnIdleConnectionAfterItsCloseIsTold()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        front.Transport.HoldBack();
        front.Drain();
        front.Send(Wire.Get("/late"));
        Assert.True(front.Transport.Refuses);
        Assert.Equal(0, front.Transport.InputLength); // so it knows that nothing was taken, and may ask somebody else
        front.Transport.NoticeAll();
        front.WaitForClose();
    }

    [Theory]
    [Case(116)]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatAKeptConnectionHasBeenSentBeforeTheStopIsServed(bool partly)
    {
        byte[] request = Wire.Post("body");
        int sent = partly ? 30 : request.Length;
        var front = new Front(Site.Echo);
        front.Ask(Wire.Post("first"));
        front.Transport.HoldBack();
        front.Send(request[..sent]);
        front.Drain();
        front.Transport.NoticeAll();
        Reply reply = front.Ask(request[sent..]);
        Assert.Equal(("200 OK", "body"), (reply.Status, reply.Text));
        front.WaitForClose();
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(116)]
    public void ABeginCutInTwoByTheStopIsServed()
    {
        byte[] request = Wire.Get("/cut");
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        front.Send(request[..3]);
        front.Drain();
        Assert.False(front.IsClosed);
        Assert.Equal("/cut", front.Ask(request[3..]).Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(116)]
    public void WhatComesBetweenTheLookAndTheEndOfReceivingIsServed()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        front.Transport.HoldBack();
        front.Transport.BeforeStopReceiving = () => front.Send(Wire.Get("/between"));
        front.Drain();
        front.Transport.NoticeAll();
        Assert.Equal("/between", front.Reply().Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(116)]
    public void RequestsOfAnotherThatHadComeBesideOneInFlightAreServed()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            if (request.Path.SequenceEqual("/held"u8))
                await hold.Task;
            await Site.SayPath(request, response);
        });
        front.Send(Wire.Get("/held", id: 1)).Transport.HoldBack();
        front.Send(Wire.Get("/second", id: 3)).Send(Wire.Get("/third", id: 5));
        front.Drain();
        front.Transport.NoticeAll();
        Assert.Equal(["/second", "/third"], [front.Reply().Text, front.Reply().Text]);
        RefusalTests.AssertProblem(front.Ask(Wire.Get("/late", id: 7)), 503, "restarted");
        hold.SetResult();
        Assert.Equal("/held", front.Reply().Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(117)]
    public void ALateRequestThatCrossesTheLastAnswerIsServed()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            await hold.Task;
            await Site.SayPath(request, response);
        });
        front.Send(Wire.Get("/early", id: 1));
        front.Drain();
        front.Transport.HoldBack();
        front.Send(Wire.Get("/late", id: 3));
        hold.SetResult();
        Assert.Equal("/early", front.Reply().Text);
        front.Transport.NoticeAll();
        Assert.Equal("/late", front.Reply().Text);
        front.WaitForClose();
    }

    /// <summary>It would not look for its answer any more.</summary>
    [Fact]
    [Case(70, 116)]
    public void AFrontThatSendsABodyNobodyWantsIsNotRefused()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.OpenPost(8).Stdin(1, "half"));
        front.Drain();
        Assert.False(front.Transport.Refuses);
        Assert.False(front.IsClosed);
        front.Send(new Wire().Stdin(1, "half").EndStdin(1));
        front.WaitForClose();
    }

    [Fact]
    [Case(116)]
    public void WhatIsInFlightIsFinishedAndTheConnectionCloses()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            await hold.Task;
            Assert.False(request.Aborted.IsCancellationRequested);
            await Site.SayPath(request, response);
        });
        front.Send(Wire.Get("/a", id: 1)).Send(Wire.Get("/b", id: 2));
        front.Drain();
        Assert.False(front.IsClosed);
        hold.SetResult();
        Assert.Equal(["/a", "/b"], new[] { front.Reply().Text, front.Reply().Text }.Order());
        front.WaitForClose();
    }

    [Fact]
    [Case(116)]
    public void ABodyOnItsWayIsReceivedToItsEnd()
    {
        var front = new Front(Site.Echo).Send(Wire.OpenPost(8).Stdin(1, "half"));
        front.Drain();
        Assert.Equal("halfhalf", front.Ask(new Wire().Stdin(1, "half").EndStdin(1)).Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(116)]
    public void TheFirstRequestOfAFreshConnectionIsStillServed()
    {
        var front = new Front(Site.SayPath);
        front.Drain();
        Assert.False(front.IsClosed);
        Assert.Equal("/first", front.Ask(Wire.Get("/first", keep: true)).Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(116)]
    public void ParametersOnTheirWayAreWaitedFor()
    {
        byte[] request = Wire.Get("/whole");
        var front = new Front(Site.SayPath).Send(request[..40]);
        front.Drain();
        Assert.Equal("/whole", front.Ask(request[40..]).Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(117)]
    public void RequestsThatBeginAfterTheStopGet503()
    {
        List<TaskCompletionSource> holds = [];
        var front = new Front(async (request, response) =>
        {
            var hold = new TaskCompletionSource();
            holds.Add(hold);
            await hold.Task;
            await Site.SayPath(request, response);
        });
        front.Send(Wire.Get("/early", id: 1));
        front.Drain();
        Reply late = front.Ask(Wire.Get("/late", id: 2));
        RefusalTests.AssertProblem(late, 503, "restarted");
        Assert.Equal("1", late.Header("Retry-After"));
        holds[0].SetResult();
        Assert.Equal("/early", front.Reply().Text);
        front.WaitForClose();
        Assert.Single(holds);
    }
}
