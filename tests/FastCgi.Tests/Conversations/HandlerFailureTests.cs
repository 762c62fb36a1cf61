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

    [Fact]
    [Case(102)]
    public void AnExceptionAfterTheHeaderBreaksAConnectionThatIsNotKept()
    {
        var front = new Front(FailAfterFlush);
        front.Send(Wire.Get(keep: false)).WaitForClose();
        Reply reply = Assert.Single(front.Output.Open);
        Assert.Equal(("sent", false), (reply.Text, reply.StdoutEnded));
        front.Log.Only(ServerLogLevel.Error);
    }

    [Fact]
    [Case(102)]
    public void AnExceptionAfterTheHeaderEndsARequestOfAKeptConnectionAsFailed()
    {
        var front = new Front(FailAfterFlush);
        for (int i = 0; i < 2; i++)
        {
            Reply reply = front.Ask(Wire.Get());
            Assert.Equal(("sent", 1u), (reply.Text, reply.ApplicationStatus));
        }
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
}
