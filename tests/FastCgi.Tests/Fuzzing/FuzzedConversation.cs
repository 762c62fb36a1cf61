using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Fuzzing;

/// <summary>Holds one made-up conversation with the server and checks what must hold whatever was said.</summary>
internal sealed class FuzzedConversation
{
    private static readonly ServerLimits Limits = new()
    {
        MaxRequestsPerConnection = 4,
        MaxParametersBytes = 2500,
        MaxParameters = 6,
        MaxBodyBytes = 5000,
        BodyBufferBytes = 1000,
        LingerBytes = 4000,
        MaxRequests = 6,
    };

    private readonly Front _front = new(Handle, Limits);

    public void Hold(int seed)
    {
        var generator = new ConversationGenerator(seed);
        byte[] bytes = generator.Next();
        bool readsLate = generator.Chance(6);
        if (readsLate)
            _front.StopReading(window: 50);
        _front.SendSplit(bytes, generator.Cuts(bytes.Length));
        if (readsLate)
            _front.StartReading();
        if (generator.Chance(10))
            _front.SweepAfter(5);
        if (generator.Chance(10))
            _front.Transport.HalfClose();

        (Dictionary<ushort, int> begun, bool atBoundary) = Begun(bytes);
        if (atBoundary && !_front.IsClosed && !_front.Transport.SendingFinished)
        {
            // Whatever is open ends when it is aborted: then everything has had its end, or the connection closes.
            foreach (ushort id in begun.Keys)
                _front.Send(new Wire().Abort(id));
            _front.WaitFor(
                () => _front.IsClosed || _front.Transport.SendingFinished || _front.Output.Ended.Count == begun.Values.Sum(),
                "an END_REQUEST for every BEGIN_REQUEST");
        }
        _front.Transport.Close();
        _front.WaitForClose();

        foreach (IGrouping<ushort, Reply> ended in _front.Output.Ended.GroupBy(reply => reply.Id))
            Assert.InRange(ended.Count(), 1, begun.GetValueOrDefault(ended.Key));
        Assert.DoesNotContain(_front.Log.Lines, line => line.Level == ServerLogLevel.Error && !line.Message.Contains("as planned", StringComparison.Ordinal));
        _front.Reconnect();
    }

    /// <summary>How often each id was begun, as far as the bytes can be read; and whether they end between two records.</summary>
    private static (Dictionary<ushort, int> Begun, bool AtBoundary) Begun(byte[] bytes)
    {
        Dictionary<ushort, int> begun = [];
        var input = new ReadOnlySequence<byte>(bytes);
        var reader = new RecordReader();
        try
        {
            while (reader.TryRead(ref input, out RecordPiece piece))
            {
                if (piece.Header.Type == RecordType.BeginRequest)
                    begun[piece.Header.RequestId] = begun.GetValueOrDefault(piece.Header.RequestId) + 1;
            }
        }
        catch (FastCgiProtocolException)
        {
            return (begun, false);
        }
        return (begun, input.IsEmpty && reader.AtRecordBoundary);
    }

    private static async ValueTask Handle(FastCgiRequest request, FastCgiResponse response)
    {
        switch (System.Text.Encoding.ASCII.GetString(request.Path))
        {
            case "/echo":
                await Site.Echo(request, response);
                break;
            case "/say":
                await Site.SayPath(request, response);
                break;
            case "/long":
                await response.Body.WriteAsync(new byte[70_000]);
                break;
            case "/half":
                response.Body.Write("half"u8);
                await response.Body.FlushAsync();
                await Site.ReadAllAsync(request);
                response.Body.Write("half"u8);
                break;
            case "/throw":
                throw new InvalidOperationException("as planned");
        }
    }
}
