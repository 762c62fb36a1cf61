using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>What fronts do for a handler that asks them: keep its errors, pass a stream on at once, send a file.</summary>
public class FrontFeatureTests
{
    [Fact]
    [Case(83, 85)]
    public void ErrorsStandBehindTheBodyAndBeforeTheEndOfStdout()
    {
        var front = new Front((_, response) =>
        {
            response.WriteError("first, "u8);
            response.Body.Write("body"u8);
            response.WriteError("second"u8);
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(("body", "first, second"), (reply.Text, reply.Errors));
        Assert.Equal(
            [RecordType.Stdout, RecordType.Stderr, RecordType.Stderr, RecordType.Stdout, RecordType.EndRequest],
            front.Output.Records.ConvertAll(record => record.Type));
        Assert.Null(front.Ask(Wire.Get("/again")).Header("X"));
    }

    [Fact]
    [Case(85)]
    public void ErrorsWithoutABodyStandBehindTheHeader()
    {
        var front = new Front((_, response) =>
        {
            response.WriteError("oops"u8);
            throw new InvalidOperationException("after saying so");
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal("500 Internal Server Error", reply.Status);
        Assert.Equal(RecordType.Stdout, front.Output.Records[0].Type);
    }

    [Fact]
    [Case(85)]
    public void ErrorsAreCutOffAtTheirLimitAndForgottenWithTheRequest()
    {
        bool complain = true;
        var front = new Front((_, response) =>
        {
            for (int i = 0; complain && i < 10; i++)
                response.WriteError("1234567"u8);
            return default;
        }, new ServerLimits { MaxErrorBytes = 20 });
        Assert.Equal("12345671234567123456", front.Ask(Wire.Get()).Errors);
        complain = false;
        Assert.Null(front.Ask(Wire.Get()).Errors);
    }

    [Fact]
    [Case(93)]
    public void AStreamAsksTheFrontToPassItOnAtOnce()
    {
        var front = new Front((_, response) =>
        {
            response.DisableBuffering();
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(("no", "?1"), (reply.Header("X-Accel-Buffering"), reply.Header("Incremental")));
    }

    [Theory]
    [Case(103)]
    [InlineData("lighttpd/1.4.69", "X-Sendfile: /srv/a%20b%25%0Ac/%C3%A4.bin")]
    [InlineData("nginx/1.22.1", "X-Accel-Redirect: /files/x")]
    [InlineData("HAProxy 2.6", null)]
    [InlineData(null, null)]
    public void AFileIsSentByTheFrontThatCan(string? front, string? expected)
    {
        bool sent = false;
        var server = new Front((_, response) =>
        {
            sent = response.TrySendFile("/srv/a b%\u007Fc/ä.bin"u8, "/files/x"u8);
            return default;
        });
        (string, string)[] variables = [("REQUEST_METHOD", "GET"), .. front is null ? [] : new[] { ("SERVER_SOFTWARE", front) }];
        Reply reply = server.Ask(new Wire().Begin(1).Variables(1, variables).EndStdin(1));
        Assert.Equal(expected is not null, sent);
        Assert.Equal(expected is null ? ["Status: 200 OK"] : ["Status: 200 OK", expected.Replace("%0A", "%7F", StringComparison.Ordinal)], reply.HeaderLines);
    }

    [Theory]
    [Case(103)]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/srv/../etc/shadow")]
    [InlineData("/srv/..")]
    [InlineData("/srv/a\r\nX-Evil: 1")]
    [InlineData("/srv/a\0b")]
    public void APathThatLeadsElsewhereIsRefused(string path)
    {
        var server = new Front((_, response) =>
        {
            response.TrySendFile(Site.Bytes(path), Site.Bytes(path));
            return default;
        });
        Reply reply = server.Ask(new Wire().Begin(1).Variables(1, ("REQUEST_METHOD", "GET"), ("SERVER_SOFTWARE", "nginx/1.22.1")).EndStdin(1));
        Assert.Equal("500 Internal Server Error", reply.Status);
    }

    [Fact]
    [Case(51)]
    public void OverloadEndsWithOverloadedWhereThatIsWanted()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(async (_, _) => await hold.Task, new ServerLimits { MaxRequests = 1, RefuseWithOverloaded = true });
        front.Send(Wire.Get());
        Reply refused = front.Ask(Wire.Get(id: 2));
        Assert.Equal((ProtocolStatus.Overloaded, 0L), (refused.ProtocolStatus, refused.StdoutLength));
        hold.SetResult();
        Assert.Equal("200 OK", front.Reply().Status);
        Assert.Equal("200 OK", front.Ask(Wire.Get()).Status);
    }

    [Fact]
    [Case(73)]
    public void AFrontThatSendsOnForARequestThatIsOverIsClosedWhenThatCostsNobodysAnswer()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(
            async (request, _) => await (request.Id == 2 ? hold.Task : Task.CompletedTask), new ServerLimits { MaxSkippedBytes = 3000 });
        front.Ask(Wire.OpenPost(5));
        for (int i = 0; i < 3; i++)
            front.Send(new Wire().Stdin(1, new string('x', 1000)));
        front.Send(Wire.Get(id: 2)); // begins anew to count
        for (int i = 0; i < 4; i++)
            front.Send(new Wire().Stdin(1, new string('x', 1000)));
        Assert.False(front.IsClosed);
        hold.SetResult();
        Assert.Equal(2, front.Reply().Id);
        front.WaitForClose();
    }

    [Fact]
    [Case(75)]
    public void ABodyOfAnotherLengthThanDeclaredIsFlagged()
    {
        bool? longer = null;
        var front = new Front(async (request, _) =>
        {
            Assert.False(request.BodyLengthDiffers);
            await Site.ReadAllAsync(request);
            longer = request.BodyLengthDiffers;
        });
        front.Send(Wire.OpenPost(3)).Ask(new Wire().Stdin(1, "abcd").EndStdin(1));
        Assert.True(longer);
        front.Send(Wire.OpenPost(3)).Ask(new Wire().Stdin(1, "abc").EndStdin(1));
        Assert.False(longer);
        front.Send(Wire.OpenPost()).Ask(new Wire().Stdin(1, "abcd").EndStdin(1));
        Assert.False(longer);
    }
}
