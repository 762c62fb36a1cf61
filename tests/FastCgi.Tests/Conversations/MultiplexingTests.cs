using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 48 and 49: several requests at once on one connection.</summary>
public class MultiplexingTests
{
    [Fact]
    [Case(48)]
    public void WithMultiplexingSwitchedOffASecondRequestIsRefusedAndTheFirstGoesOn()
    {
        var front = new Front(Site.Echo, new ServerLimits { MaxRequestsPerConnection = 1 });
        front.Send(Wire.OpenPost(id: 1));
        Reply refused = front.Ask(Wire.Post("no", id: 2));
        Assert.Equal((ProtocolStatus.CannotMultiplex, 2), (refused.ProtocolStatus, refused.Id));
        Assert.Equal("yes", front.Ask(new Wire().Stdin(1, "yes").EndStdin(1)).Text);
        Assert.Equal("again", front.Ask(Wire.Post("again", id: 2)).Text);
    }

    /// <summary>HAProxy counts the bytes, and takes the place of the request whose answer it has for another: the end may come later.</summary>
    [Theory]
    [InlineData("GET", 1)]
    [InlineData("HEAD", 1)]
    [InlineData("GET", 3)]
    [Case(48)]
    public void ARequestWhoseAnswerIsSentInFullTakesNoPlaceOfAnother(string method, int places)
    {
        var hold = new TaskCompletionSource();
        var front = new Front(
            async (_, response) =>
            {
                response.ContentLength = 5;
                response.Body.Write("whole"u8);
                await response.Body.FlushAsync();
                await hold.Task;
            },
            new ServerLimits { MaxRequestsPerConnection = places });
        ushort id = 1;
        for (; id <= 2 * places; id++)
            front.Send(Wire.Get(id: id, method: method));
        Assert.Equal(2 * places, front.Output.Open.Count);

        Reply refused = front.Ask(Wire.Get(id: id, method: method));
        Assert.Equal((ProtocolStatus.CannotMultiplex, id), (refused.ProtocolStatus, refused.Id)); // that must not go on for ever
        hold.SetResult();
        front.WaitFor(() => front.Output.Ended.Count == id, "all have ended");
        Assert.Equal(2 * places, front.Output.Ended.Count(reply => reply.ProtocolStatus == ProtocolStatus.RequestComplete));
    }

    [Fact]
    [Case(48)]
    public void ARequestWhoseAnswerIsNotSentInFullKeepsItsPlace()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(
            async (_, response) =>
            {
                response.ContentLength = 5;
                response.Body.Write("half"u8);
                await response.Body.FlushAsync();
                await hold.Task;
                response.Body.Write("!"u8);
            },
            new ServerLimits { MaxRequestsPerConnection = 1 });
        front.Send(Wire.Get(id: 1));
        Assert.Equal(ProtocolStatus.CannotMultiplex, front.Ask(Wire.Get(id: 2)).ProtocolStatus);
        hold.SetResult();
        Assert.Equal("half!", front.Reply().Text);
    }

    /// <summary>What is written is not what is sent.</summary>
    [Fact]
    [Case(48)]
    public void NorDoesOneWhoseAnswerIsWrittenAndNotSent()
    {
        var front = new Front(
            (_, response) =>
            {
                response.ContentLength = 200_000;
                response.Body.Write(new byte[200_000]);
                return default;
            },
            new ServerLimits { MaxRequestsPerConnection = 1 });
        front.StopReading(window: 100_000).Send(Wire.Get(id: 1)).Send(Wire.Get(id: 2)).StartReading();
        front.WaitFor(() => front.Output.Ended.Count == 2, "both have ended");
        Assert.Equal([(1, ProtocolStatus.RequestComplete), (2, ProtocolStatus.CannotMultiplex)], front.Output.Ended.Select(reply => ((int)reply.Id, reply.ProtocolStatus)).Order());
    }

    [Fact]
    [Case(49)]
    public void MultiplexedRequestsFinishInAnyOrder()
    {
        const int Requests = 16;
        var random = new Random(5);
        var front = new Front(Site.Echo);
        List<(ushort Id, byte[] Record)> records = [];
        for (ushort id = 1; id <= Requests; id++)
        {
            records.Add((id, Wire.OpenPost(id: id)));
            for (int i = 0; i < 5; i++)
                records.Add((id, new Wire().Stdin(id, $"{id}.{i} ")));
            records.Add((id, new Wire().EndStdin(id)));
        }
        while (records.Count > 0)
        {
            // Any of the requests, but each one's records in their order.
            ushort id = records[random.Next(records.Count)].Id;
            int at = records.FindIndex(record => record.Id == id);
            front.Send(records[at].Record);
            records.RemoveAt(at);
        }
        IReadOnlyList<Reply> replies = front.AllReplies();
        Assert.Equal(Enumerable.Range(1, Requests), replies.Select(reply => (int)reply.Id).Order());
        Assert.NotEqual(Enumerable.Range(1, Requests), replies.Select(reply => (int)reply.Id));
        Assert.All(replies, reply => Assert.Equal(string.Concat(Enumerable.Range(0, 5).Select(i => $"{reply.Id}.{i} ")), reply.Text));
    }

    [Fact]
    [Case(49)]
    public void RecordsOfMultiplexedRequestsInterleaveAndStayFair()
    {
        var front = new Front(async (request, response) =>
        {
            for (int i = 0; i < 50; i++)
                await response.Body.WriteAsync(new byte[100_000]);
        });
        front.StopReading(window: 1).Send(Wire.Get(id: 1)).Send(Wire.Get(id: 2)).StartReading();
        Assert.Equal([5_000_000, 5_000_000], [front.Reply().Body.Length, front.Reply().Body.Length]);
        List<ushort> ids = [.. front.Output.Records.Select(record => record.RequestId)];
        Assert.True(ids.IndexOf(2) < ids.LastIndexOf(1) && ids.IndexOf(1) < ids.LastIndexOf(2));
        Assert.All(front.Output.Records, record => Assert.InRange(record.ContentLength, 0, 32 * 1024));
    }
}
