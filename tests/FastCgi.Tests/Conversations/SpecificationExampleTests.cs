using System.Buffers;
using System.Linq;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>The conversations of the specification's Appendix B, byte for byte as far as it gives them.</summary>
public class SpecificationExampleTests
{
    private const string Variables = "\u000b\u0002SERVER_PORT80\u000b\u000eSERVER_ADDR199.170.183.42";
    private const string Method = "\u000e\u0004REQUEST_METHODPOST";

    private static readonly byte[] BeginOne = [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] EndOfParams = [1, 4, 0, 1, 0, 0, 0, 0];
    private static readonly byte[] EndOfStdin = [1, 5, 0, 1, 0, 0, 0, 0];
    private static readonly byte[] EndOfStdout = [1, 6, 0, 1, 0, 0, 0, 0];
    private static readonly byte[] EndOfRequest = [1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Fact]
    public void Example1WithoutABody()
    {
        byte[] sent = [];
        var front = new Front(async (request, response) =>
        {
            Assert.Equal("80"u8, request.Parameters["SERVER_PORT"u8]);
            Assert.Empty(await Site.ReadAllAsync(request));
            response.AddHeader("Content-type"u8, "text/html"u8);
            response.Body.Write("<html>\n<head>"u8);
        });
        front.StopReading(window: int.MaxValue);
        front.Send([.. BeginOne, .. Params(Variables + Method), .. EndOfParams, .. EndOfStdin]);
        front.Transport.Take(bytes => sent = bytes.ToArray());

        byte[] content = [.. "Status: 200 OK\r\nContent-type: text/html\r\n\r\n<html>\n<head>"u8];
        Assert.Equal(
            [1, 6, 0, 1, 0, (byte)content.Length, 0, 0, .. content, .. EndOfStdout, .. EndOfRequest],
            sent);
        Assert.True(front.IsClosed);
    }

    [Fact]
    public void Example2WithABodyAndParamsInTwoRecords()
    {
        var front = new Front(Site.Echo);
        string variables = Variables + Method;
        front.Send([.. BeginOne, .. Params(variables[..20]), .. Params(variables[20..]), .. EndOfParams]);
        front.Send(new Wire().Stdin(1, "quantity=100&item=3047936").EndStdin(1));
        Assert.Equal("quantity=100&item=3047936", front.Reply().Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(49)]
    public void Example4WithTwoRequestsOnOneConnection()
    {
        var first = new TaskCompletionSource();
        var front = new Front(async (request, response) =>
        {
            if (request.Id == 1)
            {
                response.Body.Write("one"u8);
                await response.Body.FlushAsync();
                await first.Task;
            }
            response.Body.Write("end"u8);
        });
        front.Send(new Wire().Begin(1).Record(RecordType.Params, 1, Site.Bytes(Variables + Method)));
        front.Send(new Wire().Begin(2).Record(RecordType.Params, 1, []).Record(RecordType.Params, 2, Site.Bytes(Variables + Method)));
        front.Send(new Wire().EndStdin(1).Record(RecordType.Params, 2, []).EndStdin(2));
        first.SetResult();
        Assert.Equal([2, 1], front.AllReplies().Select(reply => (int)reply.Id));
        Assert.Equal(["end", "oneend"], front.AllReplies().Select(reply => reply.Text));
    }

    private static byte[] Params(string pairs) => new Wire().Record(RecordType.Params, 1, Site.Bytes(pairs));
}
