using System;
using System.Buffers;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>A connection's object serves the next connection: nothing of the last one may be left, however it ended.</summary>
public class ReuseTests
{
    public static TheoryData<string> Endings =>
        ["not kept", "kept", "probe", "broken record", "inside a record", "inside a body", "half-closed", "draining", "over a limit", "not reading", "refused"];

    [Theory]
    [MemberData(nameof(Endings))]
    public void TheNextConnectionIsServedAsIfItWereTheFirst(string ending)
    {
        var front = new Front(Site.Echo, new ServerLimits { MaxParametersBytes = 1000, MaxRequestsPerConnection = 4 });
        for (int i = 0; i < 3; i++)
        {
            End(front, ending);
            front.WaitForClose().Reconnect();

            front.SweepAfter(9);
            Assert.Equal("one", front.Ask(Wire.Post("one", id: 1)).Text);
            front.Send(Wire.OpenPost(id: 2)).Send(Wire.OpenPost(id: 3)).SweepAfter(60);
            Assert.Equal("three", front.Ask(new Wire().Stdin(3, "three").EndStdin(3)).Text);
            Assert.Equal("two", front.Ask(new Wire().Stdin(2, "two").EndStdin(2)).Text);
            Assert.False(front.SweepAfter(70).IsClosed || front.Transport.SendingFinished);
            front.Close();
            front.Reconnect();
        }
    }

    [Fact]
    public void HandlersThatEndAsTheFrontClosesNeverTouchTheNextConnection()
    {
        var front = new Front(
            (request, response) =>
            {
                response.Body.Write(request.Path);
                return default;
            },
            mayBlock: true);
        for (int i = 0; i < 3000; i++)
        {
            // The answer and the close meet in every order: the front closes when it has the answer, not when it is told to.
            Reply reply = front.Ask(Wire.Get($"/{i}", keep: false));
            Assert.Equal($"/{i}", reply.Text);
            front.Transport.Close();
            front.WaitForClose().Reconnect();
            Assert.False(front.Transport.SendingFinished);
        }
    }

    [Fact]
    public void RequestsOnManyThreadsAtOnceAllGetTheirOwnAnswer()
    {
        var front = new Front(Site.Echo, new ServerLimits { MaxRequests = 10_000 }, mayBlock: true);
        Front[] fronts = [.. Enumerable.Range(0, 6).Select(_ => front.Beside())];
        Parallel.ForEach(fronts, new ParallelOptions { MaxDegreeOfParallelism = 3 }, one =>
        {
            for (int round = 0; round < 60; round++)
            {
                for (ushort id = 1; id <= 8; id++)
                    one.Send(Wire.OpenPost(id: id)).Send(new Wire().Stdin(id, $"{round}:{id}"));
                for (ushort id = 8; id >= 1; id--)
                    one.Send(new Wire().EndStdin(id));
                for (int i = 0; i < 8; i++)
                {
                    Reply reply = one.Reply();
                    Assert.Equal($"{round}:{reply.Id}", reply.Text);
                }
            }
            one.Close();
        });
        Assert.True(front.Log.IsSilent);
    }

    private static void End(Front front, string ending)
    {
        switch (ending)
        {
            case "not kept":
                front.Ask(Wire.Post("x", keep: false));
                break;
            case "kept":
                front.Ask(Wire.Post("x"));
                front.Transport.Close();
                break;
            case "probe":
                front.Transport.Close();
                break;
            case "broken record":
                front.Send(Wire.OpenPost(9)).Send("GET / HTTP/1.1\r\n"u8.ToArray());
                break;
            case "inside a record":
                front.Send(Wire.Post("x").ToArray()[..^3]).Transport.Close();
                break;
            case "inside a body":
                front.Send(Wire.OpenPost(9, id: 2).Stdin(2, "abc")).Transport.Close();
                break;
            case "half-closed":
                front.Send(Wire.Post("x", id: 3)).Transport.HalfClose();
                break;
            case "draining":
                front.Ask(Wire.Post("x"));
                front.Drain();
                break;
            case "over a limit":
                front.Ask(new Wire().Begin(1).Variables(1, ("X", new string('x', 2000))));
                break;
            case "not reading":
                front.StopReading().Send(Wire.Post("x")).SweepAfter(366);
                front.StartReading();
                break;
            case "refused":
                front.Ask(new Wire().Begin(9, keep: false, role: 2));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(ending), ending, null);
        }
    }
}
