using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Requests over a limit: refused as application/problem+json, the connection kept where it may be.</summary>
public class RefusalTests
{
    [Fact]
    [Case(18)]
    public void ParametersOfTooManyBytesGet431AndTheConnectionCloses()
    {
        var front = new Front(Site.SayPath, new ServerLimits { MaxParametersBytes = 1000 });
        byte[] pairs = Wire.Pairs(("REQUEST_METHOD", "GET"), ("HTTP_X", new string('x', 990)));
        Reply reply = front.Ask(new Wire().Begin(1).Record(RecordType.Params, 1, pairs));
        AssertProblem(reply, 431, "1000 bytes");
        front.Send(new Wire().Record(RecordType.Params, 1, pairs).Record(RecordType.Params, 1, []).EndStdin(1));
        front.WaitForClose();
        Assert.Single(front.AllReplies());
    }

    [Fact]
    [Case(18)]
    public void TooManyParametersGet431AndTheConnectionCloses()
    {
        var front = new Front(Site.SayPath, new ServerLimits { MaxParameters = 10 });
        (string, string)[] variables = [.. Enumerable.Range(0, 11).Select(n => ($"N{n}", ""))];
        AssertProblem(front.Ask(new Wire().Begin(1).Variables(1, variables).EndStdin(1)), 431, "10 parameters");
        front.WaitForClose();
    }

    [Fact]
    [Case(18)]
    public void OtherRequestsOfTheConnectionAreAnsweredBeforeItCloses()
    {
        var front = new Front(Site.Echo, new ServerLimits { MaxParameters = 2 });
        front.Send(Wire.OpenPost(id: 1));
        AssertProblem(front.Ask(new Wire().Begin(2).Variables(2, ("A", ""), ("B", ""), ("C", "")).EndStdin(2)), 431, "2 parameters");
        Assert.Equal("still", front.Ask(new Wire().Stdin(1, "still").EndStdin(1)).Text);
        front.WaitForClose();
    }

    [Fact]
    [Case(79)]
    public void ADeclaredBodyOverTheLimitGets413AtOnce()
    {
        var site = new Site(Site.Echo);
        var front = new Front(site, new ServerLimits { MaxBodyBytes = 100 });
        AssertProblem(front.Ask(Wire.OpenPost(101)), 413, "101");
        Assert.Equal(0, site.Resolved);
        front.Send(new Wire().Stdin(1, new string('x', 101)).EndStdin(1));
        Assert.Equal(100, front.Ask(Wire.Post(new string('x', 100))).Body.Length);
    }

    [Fact]
    [Case(79)]
    public void AnUndeclaredBodyOverTheLimitGets413WhenItIsReached()
    {
        var front = new Front(Site.Echo, new ServerLimits { MaxBodyBytes = 100 });
        front.Send(Wire.OpenPost().Stdin(1, new string('x', 60)));
        AssertProblem(front.Ask(new Wire().Stdin(1, new string('x', 41))), 413, "100 bytes");
        front.Send(new Wire().Stdin(1, "and more").EndStdin(1));
        Assert.Equal("ok", front.Ask(Wire.Post("ok")).Text);
    }

    [Fact]
    [Case(51)]
    public void RequestsBeyondTheLimitGet503AndASecondChance()
    {
        List<TaskCompletionSource> holds = [];
        var front = new Front(
            async (_, _) =>
            {
                var hold = new TaskCompletionSource();
                holds.Add(hold);
                await hold.Task;
            },
            new ServerLimits { MaxRequests = 2 });
        Front other = front.Beside();
        front.Send(Wire.Get(id: 1));
        other.Send(Wire.Get(id: 1));
        Reply refused = front.Ask(Wire.Get(id: 2));
        AssertProblem(refused, 503, "busy");
        Assert.Equal(("1", 0u, ProtocolStatus.RequestComplete), (refused.Header("Retry-After"), refused.ApplicationStatus, refused.ProtocolStatus));
        holds[1].SetResult();
        Assert.Equal("200 OK", other.Reply().Status);
        front.Send(Wire.Get(id: 3));
        Assert.Equal(3, holds.Count);
        holds[2].SetResult();
        Assert.Equal("200 OK", front.Reply().Status);
    }

    [Fact]
    public void ARequestWithoutAMethodGets400()
    {
        var front = new Front(Site.SayPath);
        AssertProblem(front.Ask(new Wire().Begin(1).Variables(1, ("SCRIPT_NAME", "/")).EndStdin(1)), 400, "REQUEST_METHOD");
    }

    [Fact]
    public void ARefusalToHeadHasNoBody()
    {
        var front = new Front(Site.SayPath);
        Reply reply = front.Ask(new Wire().Begin(1).Variables(1, ("REQUEST_METHOD", "HEAD"), ("CONTENT_LENGTH", "x")).EndStdin(1));
        Assert.Equal(("400 Bad Request", 0), (reply.Status, reply.Body.Length));
    }

    [Fact]
    [Case(94)]
    public void ARefusalToHeadHasNoBodyAlsoUnderOverload()
    {
        var front = new Front(async (request, _) => await Site.Forever(request.Aborted), new ServerLimits { MaxRequests = 1 });
        front.Send(Wire.Get(id: 1));
        Reply reply = front.Ask(Wire.Get(id: 2, method: "HEAD"));
        Assert.Equal(("503 Service Unavailable", 0), (reply.Status, reply.Body.Length));
        Assert.NotNull(reply.Header("Content-Length"));
    }

    [Fact]
    public void WhatAHandlerRefusesIsSaidToTheClient()
    {
        var front = new Front((_, _) => throw new RequestRefusedException(409, "not \"now\""));
        AssertProblem(front.Ask(Wire.Get()), 409, "not \"now\"");
        Assert.Equal(0u, front.Output.Ended[0].ApplicationStatus);
        Assert.True(front.Log.IsSilent);
    }

    internal static void AssertProblem(Reply reply, int status, string detail)
    {
        Assert.StartsWith($"{status} ", reply.Status, StringComparison.Ordinal);
        Assert.Equal("application/problem+json", reply.Header("Content-Type"));
        Assert.Equal($"{reply.Body.Length}", reply.Header("Content-Length"));
        using JsonDocument problem = JsonDocument.Parse(reply.Body);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(detail, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
