using System;
using System.Buffers;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 82 to 93: how a response stands in records.</summary>
public class OutputTests
{
    [Fact]
    [Case(82, 59)]
    public void EvenAnEmptyAnswerEndsStdoutOnceAndThenTheRequest()
    {
        var front = new Front((_, _) => default);
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(["Status: 200 OK"], reply.HeaderLines);
        Assert.Equal("", reply.Text);
        Assert.Equal(
            [RecordType.Stdout, RecordType.Stdout, RecordType.EndRequest],
            front.Output.Records.Select(record => record.Type));
        Assert.Equal([16 + 2 + 0, 0, 8], front.Output.Records.Select(record => (int)record.ContentLength));
    }

    [Fact]
    [Case(84)]
    public void WritingNothingAndFlushingAgainSendsNoEmptyRecord()
    {
        var front = new Front(async (_, response) =>
        {
            for (int i = 0; i < 3; i++)
            {
                response.Body.Write([]);
                response.Body.GetSpan(10);
                response.Body.Advance(0);
                await response.Body.FlushAsync();
            }
            await response.Body.WriteAsync(ReadOnlyMemory<byte>.Empty);
            response.Body.Write("x"u8);
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal("x", reply.Text);
        Assert.Equal([18, 1], reply.Records);
    }

    [Fact]
    [Case(83)]
    public void NoStderrRecordIsSent()
    {
        var front = new Front((_, _) => throw new InvalidOperationException("secret"));
        front.Ask(Wire.Get());
        Assert.DoesNotContain(front.Output.Records, record => record.Type == RecordType.Stderr);
    }

    [Fact]
    [Case(86)]
    public void TheWholeHeaderStandsInOneRecord()
    {
        var front = new Front(async (_, response) =>
        {
            for (int i = 0; i < 80; i++)
                response.AddHeader(Site.Bytes($"X-Header-{i}"), new byte[80].Select(_ => (byte)'v').ToArray());
            await response.Body.WriteAsync(new byte[70_000]);
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(81, reply.HeaderLines.Length);
        int header = reply.Stdout.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        Assert.InRange(header, 7500, 8192);
        Assert.True(reply.Records[0] >= header);
        Assert.Equal(70_000, reply.Body.Length);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 6000)]
    [InlineData(false, 6000)]
    [Case(86)]
    public void AHeaderStandsInAShortRecordHoweverLongTheAnswer(bool isDeclared, int more)
    {
        const int length = 70_000;
        var front = new Front(async (_, response) =>
        {
            response.ContentLength = isDeclared ? length : null;
            response.AddHeader("X-More"u8, Enumerable.Repeat((byte)'v', more).ToArray());
            for (int written = 0; written < length; written += 1000)
                response.Body.Write(new byte[1000]);
            await response.Body.FlushAsync();
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(length, reply.Body.Length);
        Assert.InRange(reply.Records[0], reply.Stdout.Length - length, Math.Max(4096, more + 100)); // 4 KiB are a small buffer of HAProxy's
    }

    /// <summary>The header's own record costs a long answer no send of its own.</summary>
    [Fact]
    public void AHeaderLeavesWithTheBodysBeginning()
    {
        var front = new Front((_, response) =>
        {
            response.ContentLength = 20_000;
            response.Body.Write(new byte[20_000]);
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal([reply.Stdout.Length - 20_000, 20_000], reply.Records);
        Assert.Equal(1, front.Transport.Sends);
    }

    [Fact]
    [Case(86)]
    public void AHeaderOverTheLimitIsTheHandlersFailure()
    {
        var front = new Front((_, response) =>
        {
            for (int i = 0; i < 300; i++)
                response.AddHeader("X-Header"u8, new byte[80].Select(_ => (byte)'v').ToArray());
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal("500 Internal Server Error", reply.Status);
        Assert.Contains("8192 bytes", front.Log.Only(ServerLogLevel.Error), StringComparison.Ordinal);
    }

    [Theory]
    [Case(87, 88)]
    [InlineData(1)]
    [InlineData(4000)]
    [InlineData(4096)]
    [InlineData(32768)]
    [InlineData(65528)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(66000)]
    [InlineData(200_000)]
    public void BodiesOfEveryLengthAreSplitRightlyHoweverTheyAreWritten(int length)
    {
        byte[] body = new byte[length];
        new Random(length).NextBytes(body);
        Handling[] ways =
        [
            async (_, response) => await response.Body.WriteAsync(body),
            (_, response) =>
            {
                response.Body.Write(body);
                return default;
            },
            (_, response) =>
            {
                body.CopyTo(response.Body.GetMemory(length));
                response.Body.Advance(length);
                return default;
            },
            async (_, response) =>
            {
                for (int at = 0; at < length; at += 997)
                {
                    response.Body.Write(body.AsSpan(at, Math.Min(997, length - at)));
                    if (at % 3 == 0)
                        await response.Body.FlushAsync();
                }
            },
            async (_, response) =>
            {
                System.IO.Stream stream = response.Body.AsStream();
                await stream.WriteAsync(body);
            },
        ];
        foreach (Handling write in ways)
        {
            var front = new Front(write);
            Assert.Equal(body, front.Ask(Wire.Get()).Body);
            Assert.All(front.Output.Records, record => Assert.InRange(record.ContentLength, 0, RecordHeader.MaxAlignedContentLength));
        }
    }

    [Fact]
    [Case(91)]
    public void ASendThatTookOnlyAPartIsResumed()
    {
        byte[] body = new byte[20_000];
        new Random(3).NextBytes(body);
        foreach (int most in new[] { 1, 7, 8, 4095 })
        {
            var front = new Front(async (_, response) => await response.Body.WriteAsync(body));
            front.Transport.MostPerSend = most;
            Assert.Equal(body, front.Ask(Wire.Get()).Body);
            Assert.Equal(body, front.Ask(Wire.Get()).Body);
        }
    }

    [Fact]
    [Case(93)]
    public void FlushedBytesLeaveNow()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, response) =>
        {
            await response.Body.FlushAsync();
            await hold.Task;
        });
        front.Send(Wire.Get());
        Assert.Equal("200 OK", front.Output.Open.Single().Status);
        hold.SetResult();
        front.Reply();
    }

    [Fact]
    public void WritingTooMuchWithoutAFlushIsTheHandlersFailure()
    {
        var front = new Front(
            (_, response) =>
            {
                for (int i = 0; i < 1000; i++)
                    response.Body.Write(new byte[1000]);
                return default;
            },
            new ServerLimits { MaxUnflushedBytes = 100_000 });
        Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get()).Status);
        Assert.Contains("100000 bytes", front.Log.Only(ServerLogLevel.Error), StringComparison.Ordinal);
    }

    [Fact]
    public void HugeAndSmallBuffersMayFollowEachOther()
    {
        var front = new Front(async (_, response) =>
        {
            response.Body.GetMemory(200_000); // asked for and left
            "a"u8.CopyTo(response.Body.GetSpan(1));
            response.Body.Advance(1);
            response.Body.GetMemory(300_000).Span[..150_000].Fill((byte)'b');
            response.Body.Advance(150_000);
            response.Body.GetMemory(5);
            response.Body.GetMemory(100_000).Span[..2].Fill((byte)'c');
            response.Body.Advance(2);
            await response.Body.FlushAsync();
            response.Body.GetMemory(65_528).Span.Fill((byte)'d');
            response.Body.Advance(65_528);
            Assert.Equal(65_528, response.Body.UnflushedBytes);
        });
        Assert.Equal("a" + new string('b', 150_000) + "cc" + new string('d', 65_528), front.Ask(Wire.Get()).Text);
    }

    [Fact]
    [Case(49)]
    public void NoRecordIsSoLongThatOtherRequestsWaitForIt()
    {
        var front = new Front((_, response) =>
        {
            response.Body.GetMemory(60_000).Span[..60_000].Fill((byte)'x');
            response.Body.Advance(60_000);
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(60_000, reply.Body.Length);
        Assert.All(reply.Records, length => Assert.InRange(length, 1, 32 * 1024));
    }

    [Fact]
    public void AdvancingBeyondTheBufferIsRefused()
    {
        var front = new Front((_, response) =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => response.Body.Advance(1_000_000));
            int length = response.Body.GetMemory(10).Length;
            Assert.Throws<ArgumentOutOfRangeException>(() => response.Body.Advance(length + 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => response.Body.Advance(-1));
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(("200 OK", ""), (reply.Status, reply.Text));
    }

    [Fact]
    public void AHundredMebibytesAreSentInConstantMemory()
    {
        const int Records = 3200;
        byte[] piece = new byte[32 * 1024];
        var front = new Front(async (_, response) =>
        {
            for (int i = 0; i < Records; i++)
            {
                response.Body.Write(piece);
                await response.Body.FlushAsync();
            }
        });
        front.StopReading(window: 40_000).Send(Wire.Get());
        long taken = 0, before = GC.GetAllocatedBytesForCurrentThread();
        while (front.Transport.ServerIsHeldUp)
        {
            taken += front.Transport.OutputLength;
            front.Transport.DropOutput();
        }
        Assert.InRange(taken, (long)Records * piece.Length, long.MaxValue);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000_000);
    }
}
