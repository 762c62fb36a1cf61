using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Case 102: what a front sees of a handler that throws.</summary>
public class HandlerFailureTests
{
    [Fact]
    [Case(102)]
    public void AnExceptionBeforeTheHeaderBecomesA500WithoutItsMessage()
    {
        var front = new Front((_, response) =>
        {
            response.AddHeader("X-Half-Done"u8, "1"u8);
            response.Body.Write("half of an answer"u8);
            throw new InvalidOperationException("secret");
        });
        Reply reply = front.Ask(Wire.Get("/failing"));
        RefusalTests.AssertProblem(reply, 500, "failed");
        Assert.Null(reply.Header("X-Half-Done"));
        Assert.DoesNotContain("secret", reply.Text, StringComparison.Ordinal);
        Assert.NotEqual(0u, reply.ApplicationStatus);
        string line = front.Log.Only(ServerLogLevel.Error);
        Assert.Contains("secret", line, StringComparison.Ordinal);
        Assert.Contains("/failing", line, StringComparison.Ordinal);
        Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get()).Status);
    }

    [Theory]
    [Case(102)]
    [InlineData(true)]
    [InlineData(false)]
    public void AnExceptionAfterTheHeaderBreaksTheConnectionWhenTheFrontHasTakenThePartSent(bool keep)
    {
        var front = new Front(FailAfterFlush);
        front.StopReading(1000).Send(Wire.Get(keep: keep)).SweepAfter(1);
        Assert.False(front.IsClosed || front.Transport.Aborted); // it might make a whole answer of what it finds together with the close

        front.StartReading();
        Reply reply = Assert.Single(front.Output.Open);
        front.SweepAfter(1).WaitForClose();
        Assert.Equal(("sent", false), (reply.Text, reply.StdoutEnded));
        Assert.Empty(front.Output.Ended);
        Assert.Single(front.Output.Management, answer => answer.Type == RecordType.UnknownType); // nginx takes the close alone for an end
        front.Log.Only(ServerLogLevel.Error);
    }

    [Fact]
    [Case(102)]
    public void AFrontThatDoesNotTakeThePartSentIsNotWaitedForLong()
    {
        var front = new Front(FailAfterFlush);
        front.StopReading(1000).Send(Wire.Get()).SweepAfter(1).SweepAfter(3);
        front.WaitForClose();
    }

    [Fact]
    [Case(102)]
    public void AnExceptionAfterTheHeaderCostsNoOtherRequestOfTheConnectionItsAnswer()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            if (request.Id == 1)
                await hold.Task;
            else
                await FailAfterFlush(request, response);
        });
        front.Send(Wire.Get(id: 1));
        Reply reply = front.Ask(Wire.Get(id: 2));
        Assert.Equal(("sent", 1u), (reply.Text, reply.ApplicationStatus));
        hold.SetResult();
        Assert.Equal("200 OK", front.Reply().Status);
    }

    [Fact]
    [Case(49, 102)]
    public void ARequestThatComesWhileAnAnswerIsBrokenOffIsAnswered()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            if (request.Id == 1)
                await FailAfterFlush(request, response);
            await hold.Task;
            await Site.SayPath(request, response);
        });
        front.Send(Wire.Get(id: 1));
        Assert.Equal("sent", Assert.Single(front.Output.Open).Text);
        front.StopReading().SweepAfter(1).WaitFor(() => front.Transport.ServerIsHeldUp, "the last words before the close");
        front.Send(Wire.Get("/two", id: 2)).StartReading();
        Reply broken = front.Reply();
        Assert.Equal((1, "sent", 1u), (broken.Id, broken.Text, broken.ApplicationStatus));
        hold.SetResult();
        Assert.Equal("/two", front.Reply().Text);
        Assert.Equal("/three", front.Ask(Wire.Get("/three", id: 3)).Text);
    }

    [Fact]
    [Case(49, 50, 102)]
    public void ARequestUnheardBehindTheBodyOfABrokenOffAnswerIsAnswered()
    {
        var front = new Front(
            (request, response) => request.Id == 1 ? FailAfterFlush(request, response) : Site.SayPath(request, response),
            new ServerLimits { BodyBufferBytes = 1000 });
        front.Send(Wire.OpenPost(20_000).Then(new Wire().Stdin(1, new string('x', 20_000))).Then(Wire.Get("/two", id: 2)));
        Assert.Equal("sent", Assert.Single(front.Output.Open).Text);
        front.SweepAfter(1).WaitForClose();
        Assert.Equal("/two", Assert.Single(front.Output.Ended).Text);
    }

    [Fact]
    [Case(59, 102)]
    public void AnEndThatCannotBeSentClosesTheConnectionRatherThanNeverComing()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            response.Body.Write("sent"u8);
            await response.Body.FlushAsync();
            await (request.Id == 2 ? hold.Task : Site.Forever(request.Aborted)); // others share the connection: no breaking off
        });
        front.Send(Wire.Get(id: 1)).Send(Wire.Get(id: 2));
        front.Transport.SendThrows = true;
        hold.SetResult();
        front.WaitForClose();
        Assert.Contains(front.Log.Lines, line => line.Message.Contains("could not be answered", StringComparison.Ordinal));
    }

    [Fact]
    public void AFailingRouterIsA500()
    {
        var front = new Front(new FailingRouter());
        RefusalTests.AssertProblem(front.Ask(Wire.Get()), 500, "failed");
        Assert.Contains("no route", front.Log.Only(ServerLogLevel.Error), StringComparison.Ordinal);
    }

    [Fact]
    public void OtherRequestsOfTheConnectionAreUnharmed()
    {
        var front = new Front((request, response) =>
            request.Path.SequenceEqual("/fail"u8) ? throw new InvalidOperationException("secret") : Site.Echo(request, response));
        front.Send(Wire.OpenPost(path: "/", id: 1));
        Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get("/fail", id: 2)).Status);
        Assert.Equal("fine", front.Ask(new Wire().Stdin(1, "fine").EndStdin(1)).Text);
    }

    [Fact]
    public void AnExceptionInTheUnreadMiddleOfABodyLetsTheRestPass()
    {
        var front = new Front(async (request, response) =>
        {
            await request.Body.ReadAsync();
            throw new InvalidOperationException("secret");
        });
        for (int i = 0; i < 3; i++)
        {
            Reply reply = front.Send(Wire.OpenPost(100_000)).Ask(new Wire().Stdin(1, new string('x', 50_000)));
            Assert.Equal("500 Internal Server Error", reply.Status);
            front.Send(new Wire().Stdin(1, new string('x', 50_000)).EndStdin(1));
        }
        Assert.Equal(ProtocolStatus.RequestComplete, front.Output.Ended[2].ProtocolStatus);
    }

    private static async ValueTask FailAfterFlush(FastCgiRequest request, FastCgiResponse response)
    {
        response.Body.Write("sent"u8);
        await response.Body.FlushAsync();
        response.Body.Write("unsent"u8);
        throw new InvalidOperationException("secret");
    }

    private sealed class FailingRouter : IRequestRouter
    {
        public Route Resolve(FastCgiRequest request) => throw new InvalidOperationException("no route");
    }

    /// <summary>The front has all there is to have, and may be asking again on the connection.</summary>
    [Fact]
    [Case(102)]
    public void AFailureBehindAWholeAnswerLeavesTheConnection()
    {
        var front = new Front(async (_, response) =>
        {
            response.ContentLength = 5;
            response.Body.Write("whole"u8);
            await response.Body.FlushAsync();
            throw new InvalidOperationException("late");
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(("whole", 1u), (reply.Text, reply.ApplicationStatus));
        Assert.Equal("whole", front.Ask(Wire.Get(id: 2)).Text);
    }
}
