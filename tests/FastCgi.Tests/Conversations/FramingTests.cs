using System;
using System.Collections.Generic;
using System.Linq;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 1 to 11: records, however they arrive.</summary>
public class FramingTests
{
    [Fact]
    [Case(1, 2, 3)]
    public void EverySplitOfAConversationIsAnsweredTheSame()
    {
        byte[] conversation = new Wire { Padding = 5 }
            .GetValues("FCGI_MPXS_CONNS")
            .Begin(1)
            .Record(4, 1, Wire.Pairs(("REQUEST_METHOD", "POST"), ("SCRIPT_NAME", "/")), 8)
            .Record(4, 1, [], 8)
            .Stdin(1, "some ")
            .Stdin(1, "body")
            .EndStdin(1)
            .Then(Wire.Get("/next", id: 3, method: "POST"));
        for (int at = 0; at <= conversation.Length; at++)
        {
            Front front = new Front(Site.Echo).SendSplit(conversation, at);
            Assert.Equal(["some body", ""], [front.Reply().Text, front.Reply().Text]);
            Assert.Single(front.Output.Management);
            front.Close();
            Assert.True(front.Log.IsSilent);
        }
    }

    [Fact]
    [Case(1, 2, 3)]
    public void OneByteAtATimeIsAnsweredTheSame()
    {
        var front = new Front(Site.Echo);
        front.SendByteByByte(Wire.Post("body")).SendByteByByte(Wire.Get(method: "POST", padding: 255));
        Assert.Equal(["body", ""], [front.Reply().Text, front.Reply().Text]);
    }

    [Fact]
    [Case(3)]
    public void PaddingIsSkippedOnEveryType()
    {
        foreach (byte padding in new byte[] { 1, 7, 8, 255 })
        {
            var front = new Front(Site.Echo);
            var wire = new Wire { Padding = padding };
            for (byte type = 6; type <= 12; type++)
                wire.Record((RecordType)type, 0, []);
            wire.Begin(1).Abort(1).Begin(1).Variables(1, ("REQUEST_METHOD", "POST")).Stdin(1, "x").EndStdin(1);
            front.Send(wire);
            Assert.Equal(ProtocolStatus.RequestComplete, front.Reply().ProtocolStatus);
            Assert.Equal("x", front.Reply().Text);
            Assert.Equal(2, front.Output.Management.Count); // the empty GET_VALUES and type 12
        }
    }

    [Fact]
    [Case(4)]
    public void TheLargestRecordIsAccepted()
    {
        string body = new('x', 65535);
        var front = new Front(Site.Echo);
        byte[] record = new Wire { Padding = 255 }.Stdin(1, body);
        Assert.Equal(65798, record.Length);
        front.Send(Wire.OpenPost(65535)).Send(record).Send(new Wire().EndStdin(1));
        Assert.Equal(body, front.Reply().Text);
    }

    [Theory]
    [Case(5)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP")]
    [InlineData("\0\u0001\0\u0001\0\u0008\0\0", "version 0")]
    [InlineData("\u0002\u0001\0\u0001\0\u0008\0\0", "version 2")]
    public void AnotherVersionClosesWithOneLineAndNoReply(string bytes, string hint)
    {
        var front = new Front(Site.SayPath);
        front.Send(Site.Bytes(bytes)).WaitForClose();
        Assert.Empty(front.Output.Records);
        Assert.Contains(hint, front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Fact]
    [Case(6)]
    public void ReservedBytesAndUnknownFlagsAreIgnored()
    {
        var front = new Front(Site.SayPath);
        byte[] begin = [1, 1, 0, 1, 0, 8, 0, 0xFF, 0, 1, 0xFF, 1, 2, 3, 4, 5];
        front.Send(begin).Send(new Wire().Variables(1, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/a")).EndStdin(1));
        Assert.Equal("/a", front.Reply().Text);
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
    }

    [Theory]
    [Case(7)]
    [InlineData(RecordType.EndRequest)]
    [InlineData(RecordType.Stdout)]
    [InlineData(RecordType.Stderr)]
    [InlineData(RecordType.GetValuesResult)]
    [InlineData(RecordType.UnknownType)]
    public void TypesForTheOtherDirectionAreSkipped(RecordType type)
    {
        var front = new Front(Site.SayPath);
        foreach (ushort id in new ushort[] { 0, 1, 9 })
        {
            front.Send(new Wire { Padding = 3 }.Record(type, id, new byte[8]).Record(type, id, new byte[999]).Record(type, id, []));
            Assert.Equal("/", front.Ask(Wire.Get()).Text);
        }
        Assert.Empty(front.Output.Management);
    }

    [Fact]
    [Case(8)]
    public void AProbeThatConnectsAndClosesIsSilent()
    {
        var front = new Front(Site.SayPath);
        front.Close();
        Assert.Empty(front.Output.Records);
        Assert.Empty(front.Log.Lines);
    }

    [Fact]
    [Case(9)]
    public void AnEndInsideARequestCancelsItAndIsLoggedForDebuggingOnly()
    {
        byte[] request = new Wire { Padding = 3 }.Begin(1).Variables(1, ("REQUEST_METHOD", "POST")).Stdin(1, "abc");
        int paramsEnd = request.Length - (8 + 3 + 3) - 3; // a stream's end needs no padding to be known
        for (int length = 1; length <= request.Length; length++)
        {
            bool cancelled = false;
            var front = new Front(async (request, response) =>
            {
                try
                {
                    await Site.Echo(request, response);
                }
                finally
                {
                    cancelled = request.Aborted.IsCancellationRequested;
                }
            });
            front.Send(request[..length]).Transport.Close();
            front.WaitForClose();
            Assert.Empty(front.Output.Records);
            Assert.True(front.Log.IsSilent);
            Assert.Equal(ServerLogLevel.Debug, Assert.Single(front.Log.Lines).Level);
            Assert.Equal(length >= paramsEnd, cancelled);
        }
    }

    [Fact]
    [Case(10)]
    public void AWholeRequestInOneSegmentIsAnsweredWithoutAnotherRead()
    {
        var front = new Front(Site.SayPath);
        front.Transport.Deliver(Wire.Get("/once", keep: false).ToArray());
        Assert.True(front.IsClosed);
        Assert.Equal("/once", Assert.Single(front.AllReplies()).Text);
    }

    [Fact]
    [Case(11)]
    public void RequestsThatArriveTogetherAreAllAnsweredInOrder()
    {
        var front = new Front(Site.SayPath);
        IEnumerable<string> paths = Enumerable.Range(0, 200).Select(n => $"/{n}");
        front.Send([.. paths.SelectMany(path => Wire.Get(path).ToArray())]);
        Assert.Equal(paths, front.AllReplies().Select(reply => reply.Text));
    }
}
