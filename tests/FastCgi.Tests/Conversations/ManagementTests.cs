using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 26 to 36: records with request id 0.</summary>
public class ManagementTests
{
    private static readonly ServerLimits Limits = new() { MaxConnections = 12, MaxRequests = 345, MaxRequestsPerConnection = 3 };

    [Fact]
    [Case(26, 28, 30)]
    public void ValuesAreAnsweredInOneRecordAndUnknownNamesLeftOut()
    {
        var front = new Front(Site.SayPath, Limits);
        front.Send(new Wire().GetValues("FCGI_MAX_CONNS", "FCGI_NO_SUCH", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS", "FCGI_MAX_CONNS"));
        Assert.Equal("FCGI_MAX_CONNS=12 FCGI_MAX_REQS=3 FCGI_MPXS_CONNS=1", OnlyAnswer(front));
        Assert.Equal(new RecordHeader(RecordType.GetValuesResult, 0, 52, 4), Assert.Single(front.Output.Records));
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
    }

    [Fact]
    [Case(26)]
    public void MultiplexingSwitchedOffIsSaid()
    {
        var front = new Front(Site.SayPath, Limits with { MaxRequestsPerConnection = 1 });
        front.Send(new Wire().GetValues("FCGI_MPXS_CONNS"));
        Assert.Equal("FCGI_MPXS_CONNS=0", OnlyAnswer(front));
    }

    [Fact]
    [Case(27)]
    public void ValuesAreAnsweredAtOnceWhateverARequestIsDoing()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            await Site.ReadAllAsync(request);
            response.Body.Write("a"u8);
            await response.Body.FlushAsync();
            await hold.Task;
        });
        byte[] question = new Wire().GetValues("FCGI_MAX_CONNS");
        byte[] pairs = Wire.Pairs(("REQUEST_METHOD", "POST"));
        byte[][] steps =
        [
            new Wire().Begin(1), new Wire().Record(RecordType.Params, 1, pairs.AsSpan(0, 5)), new Wire().Record(RecordType.Params, 1, pairs.AsSpan(5)),
            new Wire().Record(RecordType.Params, 1, []), new Wire().Stdin(1, "x"), new Wire().EndStdin(1),
        ];
        int asked = 0;
        foreach (byte[] step in steps)
        {
            front.Send(step).Send(question);
            Assert.Equal(++asked, front.Output.Management.Count);
        }
        Assert.Equal("a", front.Output.Open.Single().Text);
        hold.SetResult();
        Assert.Equal("a", front.Reply().Text);
    }

    [Fact]
    [Case(29)]
    public void AnEmptyQuestionGetsAnEmptyAnswer()
    {
        var front = new Front(Site.SayPath);
        front.Send(new Wire().GetValues());
        Assert.Equal("", OnlyAnswer(front));
    }

    [Fact]
    [Case(32)]
    public void OfAMalformedQuestionWhatCouldBeReadIsAnswered()
    {
        var front = new Front(Site.SayPath, Limits);
        byte[] pairs = Wire.Pairs(("FCGI_MAX_CONNS", ""), ("FCGI_MAX_REQS", ""));
        front.Send(new Wire().Record(RecordType.GetValues, 0, pairs.AsSpan(0, pairs.Length - 1)));
        Assert.Equal("FCGI_MAX_CONNS=12", OnlyAnswer(front));
        front.Send(new Wire().Record(RecordType.GetValues, 0, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Equal(2, front.Output.Management.Count);
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
    }

    [Theory]
    [Case(34)]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(0x6F)]
    [InlineData(0xFF)]
    public void UnknownManagementTypesAreAnsweredWithTheirNumber(byte type)
    {
        var front = new Front(Site.SayPath);
        front.SendByteByByte(new Wire().Record(type, 0, new byte[20], 4));
        (RecordType answer, byte[] content) = Assert.Single(front.Output.Management);
        Assert.Equal(RecordType.UnknownType, answer);
        Assert.Equal([type, 0, 0, 0, 0, 0, 0, 0], content);
    }

    [Fact]
    [Case(34)]
    public void AFrontThatAsksWithoutReadingIsCutOff()
    {
        foreach (byte[] question in new byte[][] { new Wire().GetValues(), new Wire().Begin(1).Abort(1), new Wire().Begin(1, role: 9) })
        {
            var front = new Front(Site.SayPath);
            front.StopReading();
            for (int i = 0; i < 40; i++)
                front.Send(question);
            front.WaitForClose();
            Assert.Contains("not read", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Case(34)]
    public void AFrontThatSendsNothingButTypesUnknownIsCutOff()
    {
        var front = new Front(Site.SayPath);
        for (int i = 0; i < 100; i++)
        {
            front.Send(new Wire().Record(99, 0, [], 0));
            if (i % 20 == 0)
                front.Ask(Wire.Get());
        }
        Assert.Equal(100, front.Output.Management.Count);
        for (int i = 0; i < 40; i++)
            front.Send(new Wire().Record(99, 0, [], 0));
        front.WaitForClose();
        Assert.Contains("the last 99", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Theory]
    [Case(35)]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(0xFF)]
    public void UnknownTypesOfARequestAreSkippedWithoutAReply(byte type)
    {
        var front = new Front(Site.Echo);
        byte[] odd = new Wire().Record(type, 1, new byte[20], 4);
        front.Send(odd).Send(new Wire().Begin(1)).Send(odd).Send(new Wire().Variables(1, ("REQUEST_METHOD", "POST")))
            .Send(odd).Send(new Wire().Stdin(1, "x").EndStdin(1));
        Assert.Equal("x", front.Reply().Text);
        Assert.Empty(front.Output.Management);
    }

    [Fact]
    [Case(36)]
    public void StreamsAndAbortsOfRequestZeroAreIgnored()
    {
        var front = new Front(Site.SayPath);
        front.Send(new Wire().Variables(0, ("REQUEST_METHOD", "GET")).Stdin(0, "x").EndStdin(0).Abort(0));
        Assert.Empty(front.Output.Records);
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
    }

    [Fact]
    [Case(36)]
    public void BeginOfRequestZeroClosesTheConnection()
    {
        var front = new Front(Site.SayPath);
        front.Send(new Wire().Begin(0)).WaitForClose();
        Assert.Contains("request id 0", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Fact]
    [Case(27, 91)]
    public void AnswersThatHadToWaitStandBetweenWholeRecords()
    {
        var front = new Front((request, response) =>
        {
            response.Body.Write(new byte[3000]);
            return default;
        });
        front.StopReading(window: 100).Send(Wire.Get()).Send(new Wire().GetValues("FCGI_MAX_CONNS")).Send(Wire.Get(id: 2));
        front.StartReading();
        Assert.Equal(3000, front.Reply().Body.Length);
        Assert.Equal(3000, front.Reply().Body.Length);
        Assert.Single(front.Output.Management);
    }

    private static string OnlyAnswer(Front front)
    {
        (RecordType type, byte[] content) = Assert.Single(front.Output.Management);
        Assert.Equal(RecordType.GetValuesResult, type);
        var reader = new NameValueReader(content);
        List<string> pairs = [];
        while (reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            pairs.Add($"{Encoding.ASCII.GetString(name)}={Encoding.ASCII.GetString(value)}");
        Assert.True(reader.AtEnd);
        return string.Join(' ', pairs);
    }
}
