using System;
using System.Buffers;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 53 to 59: the front takes a request back.</summary>
public class AbortTests
{
    [Fact]
    [Case(53)]
    public void AbortDuringParamsEndsTheRequestAndNoHandlerRuns()
    {
        var site = new Site(Site.SayPath);
        var front = new Front(site);
        foreach (byte[] begun in new byte[][] { new Wire().Begin(1), new Wire().Begin(1).Record(RecordType.Params, 1, "\u0004"u8) })
        {
            Reply reply = front.Send(begun).Ask(new Wire().Abort(1));
            Assert.Equal((ProtocolStatus.RequestComplete, 0L), (reply.ProtocolStatus, reply.StdoutLength));
        }
        Assert.Equal(0, site.Resolved);
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
    }

    [Fact]
    [Case(54, 59)]
    public void AbortBeforeTheFirstByteCancelsAndEndsSoon()
    {
        Exception? thrown = null;
        var front = new Front(async (request, response) =>
        {
            response.Body.Write("never to be seen"u8);
            thrown = await Record.ExceptionAsync(() => Site.Forever(request.Aborted));
            request.Aborted.ThrowIfCancellationRequested();
        });
        Reply reply = front.Send(Wire.Get()).Ask(new Wire().Abort(1));
        Assert.IsType<TaskCanceledException>(thrown);
        Assert.True(reply.StdoutEnded);
        Assert.Equal((0L, 1u), (reply.StdoutLength, reply.ApplicationStatus));
        Assert.True(front.Log.IsSilent);
        Assert.Single(front.AllReplies());
    }

    [Fact]
    [Case(54)]
    public void AHandlerThatWaitsForTheBodyIsWokenByAbort()
    {
        Exception? thrown = null;
        var front = new Front(async (request, response) =>
        {
            thrown = await Record.ExceptionAsync(() => Site.ReadAllAsync(request));
            Assert.True(request.Aborted.IsCancellationRequested);
            throw thrown!;
        });
        Reply reply = front.Send(Wire.OpenPost(10)).Send(new Wire().Stdin(1, "abc")).Ask(new Wire().Abort(1));
        Assert.IsType<OperationCanceledException>(thrown);
        Assert.Equal((0L, 1u), (reply.StdoutLength, reply.ApplicationStatus));
        Assert.True(front.Log.IsSilent);
    }

    [Fact]
    [Case(55)]
    public void AbortInMidResponseEndsItBetweenRecords()
    {
        bool? completed = null;
        var front = new Front(async (request, response) =>
        {
            response.Body.Write("first"u8);
            await response.Body.FlushAsync();
            await Record.ExceptionAsync(() => Site.Forever(request.Aborted));
            response.Body.Write("second"u8);
            completed = (await response.Body.FlushAsync()).IsCompleted;
            request.Aborted.ThrowIfCancellationRequested();
        });
        front.Send(Wire.Get());
        Assert.Equal("first", front.Output.Open.Single().Text);
        Reply reply = front.Ask(new Wire().Abort(1));
        Assert.True(completed);
        Assert.StartsWith("first", reply.Text, StringComparison.Ordinal);
        Assert.Equal(1u, reply.ApplicationStatus);
    }

    [Fact]
    [Case(56)]
    public void AbortOfARequestThatIsOverOrUnknownIsIgnored()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get(id: 1));
        front.Send(new Wire().Abort(1).Abort(1).Abort(2));
        Assert.Equal("/", front.Ask(Wire.Get(id: 1)).Text);
        Assert.Equal(2, front.AllReplies().Count);
    }

    [Fact]
    [Case(56, 59)]
    public void AbortHeardWhileAHandlerOnThePoolEndsTheRequestIsIgnored()
    {
        // found by the fuzzer: the reader had found the request open, and ended it a second time when its handler had just done so
        using var gate = new ManualResetEventSlim();
        FastCgiRequest? found = null;
        var front = new Front(
            (request, _) =>
            {
                Volatile.Write(ref found, request);
                Assert.True(gate.Wait(Front.Deadline));
                return default;
            },
            mayBlock: true);
        front.Send(Wire.Get()).WaitFor(() => Volatile.Read(ref found) is not null, "the handler to start");
        front.StopReading();
        gate.Set();
        front.WaitFor(() => front.Transport.ServerIsHeldUp, "the END_REQUEST to be under way");
        front.Connection.Conversation.Abort(found!);
        front.StartReading().Reply();
        front.WaitFor(() => front.Connection.IsIdle, "the request to be over");
        front.Connection.Conversation.Abort(found!);
        Assert.Equal(0u, Assert.Single(front.AllReplies()).ApplicationStatus);
        Assert.Equal("200 OK", front.Ask(Wire.Get()).Status);
    }

    [Fact]
    [Case(57, 59)]
    public void ContentAndPaddingOfAbortAreSkippedAndASecondAbortChangesNothing()
    {
        var front = new Front(async (request, _) => await Site.Forever(request.Aborted));
        byte[] abort = new Wire { Padding = 9 }.Record(RecordType.AbortRequest, 1, "why not"u8);
        front.Send(Wire.Get()).SendByteByByte(abort).Send(abort).Send(abort);
        Assert.Equal(1u, front.Reply().ApplicationStatus);
        Assert.Single(front.AllReplies());
    }

    [Fact]
    [Case(58)]
    public void AbortWithoutKeepConnClosesAfterTheEnd()
    {
        foreach (byte[] begun in new byte[][] { new Wire().Begin(1, keep: false), Wire.OpenPost(1, keep: false) })
        {
            var front = new Front(async (request, _) => await Site.Forever(request.Aborted));
            front.Send(begun).Ask(new Wire().Abort(1));
            front.WaitForClose();
            Assert.Single(front.AllReplies());
        }
    }

    [Fact]
    [Case(54)]
    public void AHandlerThatHeedsNoAbortStillEndsOnceWithAFailureStatus()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, response) =>
        {
            await hold.Task;
            response.Body.Write("late"u8);
        });
        front.Send(Wire.Get()).Send(new Wire().Abort(1));
        Assert.Empty(front.Output.Ended);
        hold.SetResult();
        Assert.Equal(1u, front.Reply().ApplicationStatus);
        Assert.Single(front.AllReplies());
    }

    [Fact]
    [Case(49, 54)]
    public void AbortOfOneRequestLeavesTheOthersAlone()
    {
        var front = new Front(async (request, response) =>
        {
            await Site.Echo(request, response);
            Assert.False(request.Aborted.IsCancellationRequested);
        });
        front.Send(Wire.OpenPost(id: 1)).Send(Wire.OpenPost(id: 2)).Send(new Wire().Abort(1));
        Assert.Equal(1u, front.Reply().ApplicationStatus);
        Assert.Equal("fine", front.Ask(new Wire().Stdin(2, "fine").EndStdin(2)).Text);
        Assert.Equal("fresh", front.Ask(Wire.Post("fresh", id: 1)).Text);
    }
}
