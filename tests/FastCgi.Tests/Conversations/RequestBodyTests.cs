using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 69 to 80: STDIN, read or not.</summary>
public class RequestBodyTests
{
    [Fact]
    [Case(69)]
    public void ABodyNobodyReadsIsDiscardedWhileTheAnswerIsWritten()
    {
        var front = new Front(async (request, response) =>
        {
            await request.Body.CompleteAsync();
            await response.Body.WriteAsync(new byte[200_000]);
        });
        // A front that writes all of the body before it reads anything.
        front.StopReading(window: 1000).Send(Wire.OpenPost(1_000_000));
        for (int i = 0; i < 100; i++)
            front.Send(new Wire().Stdin(1, new string('x', 10_000)));
        Assert.Equal(0, front.Transport.InputLength);
        front.Send(new Wire().EndStdin(1)).StartReading();
        Assert.Equal(200_000, front.Reply().Body.Length);
    }

    [Fact]
    [Case(70)]
    public void TheEndOfStdinIsNotWaitedFor()
    {
        var front = new Front(Site.SayPath);
        Assert.Equal("/", front.Ask(Wire.OpenPost(1000)).Text);
        Assert.Equal("/", front.Ask(Wire.OpenPost(null)).Text); // nginx: the next request, the last one's body never ends
    }

    [Fact]
    [Case(71, 72)]
    public void WithoutKeepConnUnreadStdinIsDrainedBeforeTheClose()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.OpenPost(1000, keep: false));
        Assert.True(front.Transport.SendingFinished);
        Assert.False(front.IsClosed);
        front.Send(new Wire().Stdin(1, new string('x', 1000)).EndStdin(1));
        Assert.Equal(0, front.Transport.InputLength);
        front.WaitForClose();
    }

    [Fact]
    [Case(71)]
    public void DrainingIsBoundedInBytes()
    {
        var front = new Front(Site.SayPath, new ServerLimits { LingerBytes = 100_000 });
        front.Ask(Wire.OpenPost(null, keep: false));
        byte[] more = new Wire().Stdin(1, new string('x', 10_000));
        for (int sent = 0; sent < 100; sent++)
            front.Send(more);
        Assert.InRange(front.Transport.InputLength, 880_000, 920_000);
        Assert.False(front.IsClosed); // a front that cannot write any more looks whether there is something to read
        front.SweepAfter(1);
        Assert.False(front.IsClosed);
        front.SweepAfter(3).WaitForClose();
    }

    [Fact]
    [Case(71)]
    public void AFrontThatGoesWhileItIsHeldBackIsNotWaitedFor()
    {
        var front = new Front(Site.SayPath, new ServerLimits { LingerBytes = 100_000 });
        front.Ask(Wire.OpenPost(null, keep: false));
        front.Send(new Wire().Stdin(1, new string('x', 60_000)).Stdin(1, new string('x', 60_000)));
        front.SweepAfter(0);
        Assert.False(front.IsClosed);
        front.Transport.Close();
        front.SweepAfter(0).WaitForClose();
    }

    [Fact]
    [Case(71)]
    public void DrainingIsBoundedInTime()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.OpenPost(null, keep: false));
        front.SweepAfter(1);
        Assert.False(front.IsClosed);
        front.SweepAfter(3);
        Assert.True(front.IsClosed);
    }

    [Fact]
    [Case(73)]
    public void WithKeepConnUnreadStdinIsSkipped()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.OpenPost(1000));
        front.Send(new Wire().Stdin(1, new string('x', 500)).Stdin(1, new string('x', 500)).EndStdin(1));
        Assert.Equal("/next", front.Ask(Wire.Get("/next")).Text);
    }

    [Theory]
    [Case(74)]
    [InlineData("")]
    [InlineData("abcd")]
    public void ABodyShorterThanDeclaredIsAnErrorNotACleanEnd(string body)
    {
        var front = new Front(Site.Echo);
        Reply reply = front.Send(Wire.OpenPost(5)).Ask(new Wire().Stdin(1, body).EndStdin(1));
        Assert.Equal("400 Bad Request", reply.Status);
        Assert.Contains($"after {body.Length} of 5 bytes", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Case(75)]
    public void ABodyLongerThanDeclaredIsDeliveredAsItIs()
    {
        long? declared = null;
        var front = new Front((request, response) =>
        {
            declared = request.ContentLength;
            return Site.Echo(request, response);
        });
        Assert.Equal("longer", front.Ask(Wire.OpenPost(4).Stdin(1, "longer").EndStdin(1)).Text);
        Assert.Equal(4, declared);
    }

    /// <summary>HAProxy 2.6 ends no stream of a chunked request without a body: its handler must not wait for that.</summary>
    [Fact]
    [Case(75, 78)]
    public void ABodyDeclaredEmptyEndsAtOnce()
    {
        var front = new Front(Site.Echo);
        Assert.Empty(front.Ask(Wire.OpenPost(0)).Body);
        Assert.Equal("/next", front.Ask(Wire.Post("/next", id: 3)).Text);
        Assert.Empty(front.Ask(Wire.OpenPost(0, id: 5).Stdin(5, "too much").EndStdin(5)).Body);
        Assert.Equal("next", front.Ask(Wire.Post("next", id: 7)).Text);
    }

    [Theory]
    [Case(76)]
    [InlineData(null)]
    [InlineData("")]
    public void WithoutALengthTheBodyIsReadToItsEnd(string? length)
    {
        long? declared = -1;
        var front = new Front((request, response) =>
        {
            declared = request.ContentLength;
            return Site.Echo(request, response);
        });
        var wire = new Wire().Begin(1);
        wire = length is null ? wire.Variables(1, ("REQUEST_METHOD", "POST")) : wire.Variables(1, ("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", length));
        Assert.Equal("all of it", front.Ask(wire.Stdin(1, "all ").Stdin(1, "of it").EndStdin(1)).Text);
        Assert.Null(declared);
    }

    [Theory]
    [Case(77)]
    [InlineData("-1")]
    [InlineData("+5")]
    [InlineData("abc")]
    [InlineData("5 ")]
    [InlineData(" 5")]
    [InlineData("5,5")]
    [InlineData("0x5")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551616")]
    public void ALengthThatIsNoneIsRefusedByName(string length)
    {
        var site = new Site(Site.Echo);
        var front = new Front(site);
        Reply reply = front.Ask(new Wire().Begin(1).Variables(1, ("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", length)).EndStdin(1));
        Assert.Equal("400 Bad Request", reply.Status);
        Assert.Contains("CONTENT_LENGTH", reply.Text, StringComparison.Ordinal);
        Assert.Equal(0, site.Resolved);
        Assert.Equal("ok", front.Ask(Wire.Post("ok")).Text);
    }

    [Fact]
    [Case(78)]
    public void BodiesWhereNoneIsExpectedAreDrainedNotMisread()
    {
        var front = new Front(Site.SayPath);
        byte[] looksLikeARequest = Wire.Get("/inner");
        foreach (string method in new[] { "GET", "HEAD", "POST" })
        {
            var wire = new Wire().Begin(1).Variables(1, ("REQUEST_METHOD", method), ("SCRIPT_NAME", "/outer"), ("CONTENT_LENGTH", "0"));
            front.Send(wire.Record(RecordType.Stdin, 1, looksLikeARequest).EndStdin(1));
        }
        front.Send(Wire.Get("/next"));
        Assert.Equal(["/outer", "", "/outer", "/next"], front.AllReplies().Select(reply => reply.Text));
    }

    [Fact]
    [Case(80)]
    public void OneByteRecordsAndLargeOnesAllArrive()
    {
        string small = new([.. Enumerable.Range(0, 3000).Select(n => (char)('a' + n % 26))]);
        string large = new('L', 65535);
        var front = new Front(Site.Echo).Send(Wire.OpenPost());
        foreach (char c in small)
            front.Send(new Wire().Stdin(1, $"{c}"));
        for (int i = 0; i < 8; i++)
            front.Send(new Wire().Stdin(1, large));
        Assert.Equal(small + string.Concat(Enumerable.Repeat(large, 8)), front.Ask(new Wire().EndStdin(1)).Text);
    }

    [Fact]
    [Case(80)]
    public void ABodyOfAHundredMebibytesTakesConstantMemory()
    {
        const int Records = 1600;
        long read = 0;
        var front = new Front(
            async (request, response) =>
            {
                ReadResult result;
                do
                {
                    result = await request.Body.ReadAsync();
                    Assert.InRange(result.Buffer.Length, 0, 2 * 65536);
                    read += result.Buffer.Length;
                    request.Body.AdvanceTo(result.Buffer.End);
                }
                while (!result.IsCompleted);
            },
            new ServerLimits { MaxBodyBytes = long.MaxValue });
        front.Send(Wire.OpenPost(Records * 65535L));
        byte[] record = new Wire().Stdin(1, new string('x', 65535));
        front.Send(record);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < Records; i++)
            front.Send(record);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000_000);
        front.Ask(new Wire().EndStdin(1));
        Assert.Equal(Records * 65535L, read);
    }

    [Fact]
    public void AHandlerThatReadsSlowlySlowsTheFrontDown()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(
            async (request, response) =>
            {
                await hold.Task;
                await Site.Echo(request, response);
            },
            new ServerLimits { BodyBufferBytes = 10_000 });
        front.Send(Wire.OpenPost());
        for (int i = 0; i < 100; i++)
            front.Send(new Wire().Stdin(1, new string('x', 10_000)));
        Assert.InRange(front.Transport.InputLength, 900_000, 995_000);
        front.Send(new Wire().EndStdin(1));
        hold.SetResult();
        Assert.Equal(1_000_000, front.Reply().Body.Length);
    }

    [Fact]
    public void AHandlerThatGivesTheBodyUpLetsTheRestPass()
    {
        var front = new Front(async (request, response) =>
        {
            ReadResult read = await request.Body.ReadAsync();
            request.Body.AdvanceTo(read.Buffer.GetPosition(1));
            await request.Body.CompleteAsync();
            response.Body.Write("enough"u8);
        });
        front.Send(Wire.OpenPost(50_000).Stdin(1, new string('x', 50_000)).EndStdin(1));
        Assert.Equal("enough", front.Reply().Text);
        Assert.Equal("enough", front.Ask(Wire.Post("x")).Text);
    }
}
