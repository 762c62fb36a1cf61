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
        front.Connection.Drain();
        Assert.True(front.IsClosed);
        Assert.True(front.Log.IsSilent);
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
        front.Connection.Drain();
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
        front.Connection.Drain();
        Assert.Equal("halfhalf", front.Ask(new Wire().Stdin(1, "half").EndStdin(1)).Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(116)]
    public void TheFirstRequestOfAFreshConnectionIsStillServed()
    {
        var front = new Front(Site.SayPath);
        front.Connection.Drain();
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
        front.Connection.Drain();
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
        front.Connection.Drain();
        Reply late = front.Ask(Wire.Get("/late", id: 2));
        RefusalTests.AssertProblem(late, 503, "restarted");
        Assert.Equal("1", late.Header("Retry-After"));
        holds[0].SetResult();
        Assert.Equal("/early", front.Reply().Text);
        front.WaitForClose();
        Assert.Single(holds);
    }
}
