using System;
using System.Buffers;
using System.Collections.Generic;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>What a hostile front can make the server hold.</summary>
public class BoundedMemoryTests
{
    [Fact]
    public void ARecordThatDripsInTakesLittleMoreThanItsSize()
    {
        var front = new Front(Site.SayPath);
        byte[] question = new Wire().Record(RecordType.GetValues, 0, new byte[65535]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        front.SendByteByByte(question[..^1]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000); // a build that is not optimized takes 150 a receive
        front.Send(question[^1..]);
        Assert.Single(front.Output.Management);
    }

    [Fact]
    public void AFrontThatAsksAndAsksWithoutReadingIsCutOff()
    {
        var front = new Front(Site.SayPath, new ServerLimits { MaxRequestsPerConnection = 4 });
        front.StopReading();
        byte[] request = Wire.Get();
        int sent = 0;
        for (; !front.Transport.Aborted && sent < 1000; sent++)
            front.Send(request);
        Assert.InRange(sent, 5, 50);
        front.WaitForClose();
        Assert.Contains("not read", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Fact]
    public void RequestsThatNeverEndTakeNoMoreThanTheLimit()
    {
        var front = new Front(Site.Echo, new ServerLimits { MaxRequestsPerConnection = 8 });
        for (int id = 1; id <= 2000; id++)
            front.Send(Wire.OpenPost(id: (ushort)id));
        Assert.Equal(1992, front.Output.Ended.Count);
        Assert.All(front.Output.Ended, reply => Assert.Equal(ProtocolStatus.CannotMultiplex, reply.ProtocolStatus));
    }

    [Fact]
    [Case(51, 68)]
    public void AnswersThatNobodyTakesAreBoundedOverAllConnections()
    {
        var front = new Front(
            (request, response) =>
            {
                response.Body.Write(new byte[request.Path.SequenceEqual("/long"u8) ? 900_000 : 1]);
                return default;
            },
            new ServerLimits { MaxRequests = 1, MaxUnsentBytes = 2_000_000 });
        var hoarders = new List<Front>();
        for (int i = 0; i < 3; i++)
            hoarders.Add(front.Beside().StopReading().Send(Wire.Get("/long")));
        Assert.InRange(front.Dispatcher.Counters.UnsentBytes, 2_700_000, 2_800_000);

        Reply refused = front.Ask(Wire.Get());
        RefusalTests.AssertProblem(refused, 503, "busy");
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal(900_000, hoarders[0].StartReading().Reply().Body.Length);
        Assert.Equal("200 OK", front.Ask(Wire.Get()).Status);
        hoarders[1].Transport.Close();
        hoarders[2].StartReading().Reply();
        Assert.Equal(0, front.Dispatcher.Counters.UnsentBytes);
    }

    [Fact]
    [Case(18)]
    public void ParametersOfManyRequestsAtOnceAreBoundedEach()
    {
        var front = new Front(Site.SayPath, new ServerLimits { MaxRequestsPerConnection = 4, MaxParametersBytes = 100_000 });
        for (ushort id = 1; id <= 4; id++)
            front.Send(new Wire().Begin(id));
        byte[] piece = new byte[60_000];
        for (ushort id = 1; id <= 4; id++)
            front.Send(new Wire().Record(RecordType.Params, id, piece));
        Assert.Empty(front.Output.Ended);
        for (ushort id = 1; id <= 4; id++)
            Assert.Equal("431 Request Header Fields Too Large", front.Ask(new Wire().Record(RecordType.Params, id, piece)).Status);
        front.WaitForClose();
    }
}
