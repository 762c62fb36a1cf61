using System;
using System.Buffers;
using System.IO.Pipelines;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Bodies of more bytes than 32 bits can count, in memory and unlooked at, so that they take a second or two.</summary>
public class HugeBodyTests
{
    private const long Bytes = 3L << 30;
    private const int Piece = 48 * 1024; // of which it is a whole number
    private static readonly ServerLimits NoLimit = new() { MaxBodyBytes = long.MaxValue };

    [Fact]
    [Case(80)]
    public void ARequestOfThreeGibibytesIsCountedToItsLastByte()
    {
        long read = 0;
        bool differs = true;
        var front = new Front(
            async (request, response) =>
            {
                ReadResult result;
                do
                {
                    result = await request.Body.ReadAsync();
                    read += result.Buffer.Length;
                    request.Body.AdvanceTo(result.Buffer.End);
                }
                while (!result.IsCompleted);
                differs = request.BodyLengthDiffers;
            },
            NoLimit);
        byte[] record = new Wire().Record(RecordType.Stdin, 1, new byte[Piece]);
        front.Send(Wire.OpenPost(Bytes));
        long head = front.Connection.BytesReceived;
        for (long sent = 0; sent < Bytes; sent += Piece)
            front.Send(record);

        Assert.Equal("200 OK", front.Ask(new Wire().EndStdin(1)).Status);
        Assert.Equal(Bytes, read);
        Assert.False(differs);
        Assert.Equal(head + Bytes / Piece * record.Length + RecordHeader.Length, front.Connection.BytesReceived);
    }

    [Fact]
    [Case(80, 95)]
    public void AnAnswerOfThreeGibibytesIsCountedToItsLastByte()
    {
        byte[] piece = new byte[Piece];
        var front = new Front(async (request, response) =>
        {
            response.ContentLength = Bytes;
            for (long written = 0; written < Bytes; written += Piece)
            {
                response.Body.Write(piece);
                await response.Body.FlushAsync();
            }
            Assert.Throws<InvalidOperationException>(() => response.Body.Write("x"u8)); // one more than announced
        });
        front.StopReading(window: 4 * Piece).Send(Wire.Get());
        long taken = 0;
        while (front.Transport.ServerIsHeldUp)
        {
            taken += front.Transport.OutputLength;
            front.Transport.DropOutput();
        }
        taken += front.Transport.OutputLength;

        Assert.True(front.Connection.IsIdle);
        Assert.Equal(taken, front.Connection.BytesSent);
        Assert.InRange(taken, Bytes, Bytes + Bytes / 1000); // records' headers
    }
}
