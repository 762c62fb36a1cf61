using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>A handler slower than its body, and what stands behind that body on the connection.</summary>
public class StalledBodyTests
{
    private static readonly ServerLimits SmallBuffer = new() { BodyBufferBytes = 10_000 };

    [Fact]
    [Case(50)]
    public void ABodyNobodyReadsIsGivenUpWhenItHoldsUpOtherRequests()
    {
        var read = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            if (request.Id == 1)
                await read.Task;
            await Site.Echo(request, response);
        }, SmallBuffer);
        front.Send(Wire.OpenPost(20_000)).Send(Wire.OpenPost(3, id: 2));
        front.Send(new Wire().Stdin(1, new string('x', 20_000))).Send(new Wire().Stdin(2, "abc").EndStdin(2));
        Assert.Empty(front.SweepAfter(4).Output.Ended);

        Assert.Equal("abc", front.SweepAfter(6).Reply().Text);
        read.SetResult();
        Assert.Equal("503 Service Unavailable", front.Reply().Status);
    }

    [Fact]
    [Case(50)]
    public void ABodyNobodyReadsIsGivenUpAlsoWhenTheOthersStandBehindIt()
    {
        var read = new TaskCompletionSource();
        var front = new Front(async (request, _) => await (request.Id == 1 ? read.Task : Task.CompletedTask), SmallBuffer);
        front.Send(Wire.OpenPost(20_000)).Ask(Wire.Get(id: 2));
        front.Send(new Wire().Stdin(1, new string('x', 20_000))).Send(Wire.Get("/behind", id: 3));

        Assert.Equal(3, front.SweepAfter(6).Reply().Id);
        read.SetResult();
    }

    [Fact]
    [Case(50)]
    public void ABodyNobodyReadsIsGivenUpWhenItsOwnAbortStandsBehindIt()
    {
        bool told = false;
        var front = new Front(async (request, _) =>
        {
            if (request.Id != 1)
                return;
            using CancellationTokenRegistration registration = request.Aborted.Register(() => Volatile.Write(ref told, true));
            await Task.Delay(Timeout.Infinite, request.Aborted);
        }, SmallBuffer);
        front.Send(Wire.OpenPost(1_000_000)).Send(new Wire().Stdin(1, new string('x', 20_000)).Abort(1)).Send(Wire.Get("/behind", id: 3));

        front.SweepAfter(6).WaitFor(() => Volatile.Read(ref told), "the handler to be told");
        front.WaitFor(() => front.Output.Ended.Count == 2, "both requests to end");
    }

    [Theory]
    [Case(50)]
    [InlineData(false, 16)] // lighttpd: the connection is the request's
    [InlineData(true, 1)] // multiplexing is switched off
    public void ABodyReadSlowlyOnAConnectionOfItsOwnIsNeverGivenUp(bool keep, int requests)
    {
        var read = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            await read.Task;
            await Site.Echo(request, response);
        }, SmallBuffer with { MaxRequestsPerConnection = requests });
        front.Send(Wire.OpenPost(20_000, keep: keep)).Send(new Wire().Stdin(1, new string('x', 20_000)).EndStdin(1)).SweepAfter(60);
        read.SetResult();
        Assert.Equal(20_000, front.Reply().Body.Length);
    }

    [Fact]
    [Case(69)]
    public void AFrontThatReadsNothingBeforeItHasSentTheWholeBodyIsHeardOut()
    {
        var front = new Front(async (_, response) => await response.Body.WriteAsync(new byte[100_000]), SmallBuffer).StopReading(1000);
        front.Send(Wire.OpenPost(20_000, keep: false)).Send(new Wire().Stdin(1, new string('x', 20_000)));
        Assert.False(front.SweepAfter(4).Transport.ServerWaits);

        front.SweepAfter(6).Send(new Wire().EndStdin(1)).WaitUntilServerWaits();
        Assert.Equal(100_000, front.StartReading().Reply().Body.Length);
    }

    [Fact]
    public void AnAnswerStillWaitingWhenTheLastRequestEndsIsNotLost()
    {
        for (int i = 0; i < 200; i++)
        {
            var front = new Front(Site.SayPath).StopReading();
            front.Send(Wire.Get(keep: false)).Send(new Wire().Begin(2, role: 9));
            front.StartReading().WaitForClose();
            Assert.Equal(2, front.Output.Ended.Count);
        }
    }

    [Fact]
    public void ALongWriteLeavesInFullRecords()
    {
        var front = new Front(async (_, response) => await response.Body.WriteAsync(new byte[320 * 1024]));
        front.Ask(Wire.Get());
        Assert.InRange(front.Transport.Sends, 11, 14); // 11 records of 32 KiB, a short one in the first buffer, the end
    }
}
