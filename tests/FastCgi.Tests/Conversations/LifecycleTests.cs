using System;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 37 to 47: the life of requests, one after the other.</summary>
public class LifecycleTests
{
    [Theory]
    [Case(37)]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(4000)]
    public void BeginOfAnotherLengthClosesTheConnection(int length)
    {
        var front = new Front(Site.SayPath);
        front.Send(new Wire().Record(RecordType.BeginRequest, 1, new byte[length])).WaitForClose();
        Assert.Empty(front.Output.Records);
        Assert.Contains($"{length} bytes", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Fact]
    [Case(38)]
    public void RecordsOfRequestsThatAreNotOpenAreSkipped()
    {
        var front = new Front(Site.SayPath);
        byte[] strays = new Wire().Variables(1, ("X", "Y")).Stdin(1, "stray").EndStdin(1).Abort(1)
            .Record(RecordType.Data, 1, "data"u8).Stdin(500, "stray").Abort(65535);
        front.Send(strays);
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
        front.Send(strays);
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
        Assert.Equal(2, front.AllReplies().Count);
    }

    [Fact]
    [Case(39)]
    public void BeginOfAnOpenRequestClosesTheConnection()
    {
        foreach (byte[] open in new byte[][] { new Wire().Begin(7), Wire.OpenPost(5, id: 7) })
        {
            var front = new Front(Site.Echo);
            front.Send(open).Send(new Wire().Begin(7)).WaitForClose();
            Assert.Empty(front.Output.Records);
            Assert.Contains("request id 7", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Case(40, 89)]
    public void AnyRequestIdWorksAndIsEchoedOnEveryRecord()
    {
        var front = new Front(Site.SayPath);
        foreach (int id in Enumerable.Repeat(1, 50).Concat(Enumerable.Range(0, 16384).Where(n => n % 97 == 0).Select(n => 2 * n + 1)).Append(65535))
        {
            int records = front.Output.Records.Count;
            Assert.Equal("/", front.Ask(Wire.Get(id: (ushort)id)).Text);
            Assert.All(front.Output.Records.Skip(records), record => Assert.Equal(id, record.RequestId));
        }
    }

    [Fact]
    [Case(41)]
    public void TheSameIdOnTwoConnectionsIsTwoRequests()
    {
        var one = new Front(Site.Echo);
        Front other = one.Beside();
        one.Send(Wire.OpenPost(id: 1));
        other.Send(Wire.OpenPost(id: 1));
        one.Send(new Wire().Stdin(1, "one"));
        other.Send(new Wire().Stdin(1, "other").EndStdin(1));
        one.Send(new Wire().EndStdin(1));
        Assert.Equal(["other", "one"], [other.Reply().Text, one.Reply().Text]);
    }

    [Fact]
    [Case(42)]
    public void StdinBeforeTheEndOfParamsClosesTheConnection()
    {
        var front = new Front(Site.SayPath);
        front.Send(new Wire().Begin(1).Record(RecordType.Params, 1, Wire.Pairs(("REQUEST_METHOD", "GET"))).EndStdin(1)).WaitForClose();
        Assert.Contains("before the end of its PARAMS", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Fact]
    [Case(42)]
    public void ParamsAndStdinAfterTheirEndAreIgnored()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            await hold.Task;
            await Site.Echo(request, response);
        });
        front.Send(Wire.Post("body")).Send(new Wire().Variables(1, ("CONTENT_LENGTH", "9")).Stdin(1, "more").EndStdin(1));
        hold.SetResult();
        Assert.Equal("body", front.Reply().Text);
        Assert.Equal("next", front.Ask(Wire.Post("next")).Text);
    }

    [Fact]
    [Case(43)]
    public void DataIsIgnoredInTheResponderRole()
    {
        var front = new Front(Site.Echo);
        front.Send(Wire.OpenPost()).Send(new Wire().Record(RecordType.Data, 1, "x"u8).Record(RecordType.Data, 1, []).Stdin(1, "y").EndStdin(1));
        Assert.Equal("y", front.Reply().Text);
    }

    [Fact]
    [Case(44, 69)]
    public void TheHandlerStartsAndMayAnswerBeforeAnyOfTheBodyHasCome()
    {
        var front = new Front(Site.SayPath);
        Assert.Equal("/early", front.Ask(Wire.OpenPost(1000, "/early")).Text);
        front.Send(new Wire().Stdin(1, new string('x', 1000)).EndStdin(1));
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
    }

    [Fact]
    [Case(45)]
    public void WithoutKeepConnTheConnectionClosesAfterTheEnd()
    {
        var front = new Front(Site.SayPath);
        Assert.Equal("/", front.Ask(Wire.Get(keep: false)).Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(45)]
    public void WithKeepConnTheConnectionStaysOpen()
    {
        var front = new Front(Site.SayPath);
        for (int i = 0; i < 100; i++)
        {
            front.Ask(Wire.Get());
            Assert.False(front.IsClosed || front.Transport.SendingFinished);
        }
    }

    [Fact]
    [Case(45)]
    public void ARequestWithoutKeepConnAmongOthersClosesAfterTheLast()
    {
        var front = new Front(Site.Echo);
        front.Send(Wire.OpenPost(id: 1, keep: true)).Send(Wire.OpenPost(id: 2, keep: false)).Send(Wire.OpenPost(id: 3, keep: true));
        foreach (ushort id in new ushort[] { 2, 3, 1 })
        {
            Assert.False(front.IsClosed || front.Transport.SendingFinished);
            Assert.Equal(id, front.Ask(new Wire().EndStdin(id)).Id);
        }
        front.WaitForClose();
    }

    [Theory]
    [Case(46)]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(0xFFFF)]
    public void RolesNotPlayedAreRefusedAndTheirStreamsSkipped(int role)
    {
        var front = new Front(Site.SayPath);
        Reply refused = front.Ask(new Wire().Begin(5, role: (ushort)role).Variables(5, ("A", "B")).Stdin(5, "x").EndStdin(5));
        Assert.Equal((ProtocolStatus.UnknownRole, 5, 0L), (refused.ProtocolStatus, refused.Id, refused.StdoutLength));
        Assert.Equal("/", front.Ask(Wire.Get(id: 5)).Text);
    }

    [Fact]
    [Case(46, 71)]
    public void ARefusedRoleWithoutKeepConnIsAnsweredAndItsStreamsAreReadBeforeTheClose()
    {
        var front = new Front(Site.SayPath);
        Assert.Equal(ProtocolStatus.UnknownRole, front.Ask(new Wire().Begin(1, keep: false, role: 9)).ProtocolStatus);
        Assert.False(front.IsClosed);
        front.Send(new Wire().Variables(1, ("A", "B")).EndStdin(1));
        Assert.Equal(0, front.Transport.InputLength);
        front.WaitForClose();
    }

    /// <summary>The close waits for something else to be read; until then a front, which does not know of it, may ask more.</summary>
    [Fact]
    [Case(45)]
    public void ARequestThatComesBeforeTheCloseIsAnswered()
    {
        var measured = new Front(Site.SayPath).StopReading(window: int.MaxValue).Send(Wire.Get("/first", keep: false));
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            if (request.Path.SequenceEqual("/later"u8))
                await hold.Task;
            await Site.SayPath(request, response);
        });
        front.StopReading().Send(Wire.Get("/first", keep: false)).Send(new Wire().GetValues("FCGI_MAX_CONNS"));
        front.Transport.SetWindow(measured.Transport.OutputLength); // the first answer leaves, that to GET_VALUES does not
        front.WaitFor(() => front.Connection.IsIdle && front.Transport.ServerIsHeldUp, "the first request to end");

        front.Send(Wire.Get("/later", id: 2)).StartReading();
        Assert.Equal("/first", front.Reply().Text);
        front.WaitFor(() => front.Connection.Output.IsSettled, "all to be read");
        hold.SetResult();

        Assert.Equal("/later", front.Reply().Text);
        front.WaitForClose();
    }
}
