using System;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Observation;

public class SlowRequestTests
{
    private static readonly ServerLimits AfterThreeSeconds = new() { SlowRequestThreshold = TimeSpan.FromSeconds(3) };

    [Fact]
    public void ARequestThatStillRunsPastTheThresholdGetsOneLine()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, _) => await hold.Task, AfterThreeSeconds);
        front.Send(new Wire().Begin(1).Variables(
            1, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/slow"), ("QUERY_STRING", "a=b"), ("REMOTE_USER", "anna")).EndStdin(1));
        front.WaitUntilServerWaits();

        front.SweepAfter(2);
        Assert.Empty(Slow(front));
        front.SweepAfter(4).SweepAfter(5);

        Assert.Matches(@"^slow request: GET /slow\?a=b still running after [0-9]+ ms, user anna$", Assert.Single(Slow(front)));
        hold.SetResult();
        front.Reply();
        Assert.Single(Slow(front));
        Assert.Equal(1, front.Dispatcher.Counters.Slow);
    }

    [Fact]
    public void ARequestThatEndsPastTheThresholdGetsOneLineWithItsStatus()
    {
        var front = new Front(
            async (_, response) =>
            {
                long until = Environment.TickCount64 + 20;
                while (Environment.TickCount64 <= until)
                    await Task.Yield();
                response.StatusCode = 404;
            },
            new ServerLimits { SlowRequestThreshold = TimeSpan.FromMilliseconds(1) });
        front.Ask(Wire.Get("/slow"));
        front.WaitFor(() => Slow(front).Length > 0, "the line");
        Assert.Matches("^slow request: GET /slow ended with status 404 after [0-9]+ ms, user -$", Assert.Single(Slow(front)));
    }

    [Fact]
    public void TheLineDoesNotGrowWithWhatAClientSends()
    {
        string longest = new('x', 20_000);
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, _) => await hold.Task, AfterThreeSeconds);
        front.Send(new Wire().Begin(1).Variables(
            1, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/" + longest), ("REMOTE_USER", longest)).EndStdin(1)).SweepAfter(4);
        string line = Assert.Single(Slow(front));
        Assert.InRange(line.Length, 500, 700);
        Assert.EndsWith("x…", line, StringComparison.Ordinal);
        hold.SetException(new InvalidOperationException("the reason"));
        front.Reply();
        Assert.Matches("^the handler of /x{255}… failed: InvalidOperationException: the reason$", front.Log.Only(ServerLogLevel.Error));
    }

    [Fact]
    public void FastRequestsAndAThresholdOfZeroAreSilent()
    {
        var front = new Front(Site.SayPath, AfterThreeSeconds);
        front.Ask(Wire.Get());
        Assert.Empty(Slow(front));

        var hold = new TaskCompletionSource();
        var off = new Front(async (_, _) => await hold.Task);
        off.Send(Wire.Get()).WaitUntilServerWaits().SweepAfter(500);
        hold.SetResult();
        off.Reply();
        Assert.Empty(Slow(off));
        Assert.Equal(0, off.Dispatcher.Counters.Slow);
    }

    private static string[] Slow(Front front) =>
        [.. front.Log.Lines.Select(line => line.Message).Where(message => message.StartsWith("slow request", StringComparison.Ordinal))];
}
