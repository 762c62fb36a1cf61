using System;
using System.Buffers;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 47 and 104: lighttpd lets everybody in whose END_REQUEST has no status before it, or 200. So there is always another.</summary>
public class AuthorizerTests
{
    [Fact]
    [Case(104)]
    public void APermissionIsItsStatusAndItsVariablesAndNoBody()
    {
        var front = new Front(Playing((request, response) =>
        {
            Assert.Equal(Role.Authorizer, request.Role);
            response.StatusCode = 200;
            response.AddVariable("AUTH_METHOD"u8, "database"u8);
            response.AddHeader("Content-Type"u8, "text/plain"u8);
            response.ContentLength = 5;
            response.Body.Write("never"u8);
            return default;
        }));
        Reply reply = front.Ask(Question());
        Assert.Equal(["Status: 200 OK", "Variable-AUTH_METHOD: database"], reply.HeaderLines);
        Assert.Empty(reply.Body);
        Assert.Equal(0u, reply.ApplicationStatus);
    }

    [Fact]
    [Case(104)]
    public void ADenialIsAWholeResponse()
    {
        var front = new Front(Playing((_, response) =>
        {
            response.StatusCode = 401;
            response.AddHeader("WWW-Authenticate"u8, "Basic realm=\"x\""u8);
            response.Body.Write("who are you?"u8);
            return default;
        }));
        Reply reply = front.Ask(Question());
        Assert.Equal(("401 Unauthorized", "Basic realm=\"x\"", "who are you?"), (reply.Status, reply.Header("WWW-Authenticate"), reply.Text));
    }

    [Fact]
    [Case(47)]
    public void AHandlerThatSaysNothingDenies() =>
        Assert.Equal("403 Forbidden", new Front(Playing((_, _) => default)).Ask(Question()).Status);

    [Theory]
    [Case(47)]
    [InlineData(true)]
    [InlineData(false)]
    public void AHandlerThatFailsAfterAllDeniesEvenIfItHadFlushedItsPermission(bool keep)
    {
        var front = new Front(Playing(async (_, response) =>
        {
            response.StatusCode = 200;
            response.AddVariable("USER"u8, "x"u8);
            await response.Body.FlushAsync();
            throw new InvalidOperationException("after all");
        }));
        Reply reply = front.Ask(Question(keep: keep));
        Assert.Equal("500 Internal Server Error", reply.Status);
        Assert.Null(reply.Header("Variable-USER"));
    }

    [Fact]
    [Case(47)]
    public void AFailingRouterDenies() =>
        Assert.Equal("500 Internal Server Error", new Front(new Broken()).Ask(Question()).Status);

    [Fact]
    [Case(47, 51)]
    public void OverloadDeniesEvenWhereItWouldEndWithOverloaded()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(
            Playing(async (_, _) => await hold.Task), new ServerLimits { MaxRequests = 1, RefuseWithOverloaded = true });
        front.Send(Question(id: 1));
        Reply reply = front.Ask(Question(id: 2));
        Assert.Equal((2, "503 Service Unavailable", "1"), (reply.Id, reply.Status, reply.Header("Retry-After")));
        hold.SetResult();
    }

    [Fact]
    [Case(47, 117)]
    public void AServerThatStopsDenies()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(Playing(async (_, response) =>
        {
            await hold.Task;
            response.StatusCode = 200;
        }));
        front.Send(Question(id: 1));
        front.Drain();
        Assert.Equal("503 Service Unavailable", front.Ask(Question(id: 2)).Status);
        hold.SetResult();
        Assert.Equal("200 OK", front.Reply().Status); // it was asked before
    }

    [Theory]
    [Case(46, 47)]
    [InlineData(true)]
    [InlineData(false)]
    public void WhereTheRoleIsNotPlayedTheEndSaysSoBehindADenial(bool keep)
    {
        var front = new Front((_, response) =>
        {
            response.Body.Write("I am no authorizer"u8);
            return default;
        });
        Reply reply = front.Ask(Question(keep: keep));
        Assert.Equal(("503 Service Unavailable", ProtocolStatus.UnknownRole), (reply.Status, reply.ProtocolStatus));
    }

    [Fact]
    [Case(47, 48)]
    public void ARequestTooManyOnTheConnectionIsDenied()
    {
        var hold = new TaskCompletionSource();
        var front = new Front(Playing(async (_, _) => await hold.Task), new ServerLimits { MaxRequestsPerConnection = 1 });
        front.Send(Question(id: 1));
        Reply reply = front.Ask(Question(id: 2));
        Assert.Equal(("503 Service Unavailable", ProtocolStatus.CannotMultiplex), (reply.Status, reply.ProtocolStatus));
        hold.SetResult();
    }

    [Fact]
    [Case(47, 53)]
    public void AnAbortWhileThePermissionIsAskedForDenies() =>
        Assert.Equal("503 Service Unavailable", new Front(Playing((_, _) => default)).Ask(new Wire().Begin(1, role: 2).Abort(1)).Status);

    [Fact]
    [Case(47, 54)]
    public void AnAbortWhileTheHandlerThinksDenies()
    {
        var front = new Front(Playing(async (request, response) =>
        {
            response.StatusCode = 200;
            await Site.Forever(request.Aborted);
        }));
        Reply reply = front.Send(Question()).Send(new Wire().Abort(1)).Reply();
        Assert.Equal("503 Service Unavailable", reply.Status);
        Assert.NotEqual(0u, reply.ApplicationStatus);
    }

    [Theory]
    [Case(18, 47)]
    [InlineData("")]
    [InlineData("GET")]
    public void ParametersThatCannotBeServedAreDenied(string method)
    {
        var front = new Front(Playing((_, response) =>
        {
            response.StatusCode = 200;
            return default;
        }), new ServerLimits { MaxParameters = 2 });
        Reply reply = front.Ask(new Wire().Begin(1, role: 2)
            .Variables(1, ("REQUEST_METHOD", method), ("REQUEST_URI", "/"), ("A", "B")).EndStdin(1));
        Assert.Equal("431 Request Header Fields Too Large", reply.Status);
    }

    [Fact]
    [Case(44)]
    public void TheBodyIsEmptyWithoutAWordAboutItsEnd()
    {
        var front = new Front(Playing(async (request, response) =>
        {
            Assert.Empty(await Site.ReadAllAsync(request));
            response.StatusCode = 200;
        }));
        // mod_authnz_fcgi sends no STDIN at all (lighttpd an empty one); a length stands for the body that went elsewhere
        byte[] noStdin = new Wire().Begin(1, role: 2).Variables(1, ("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "5"));
        Assert.Equal("200 OK", front.Ask(noStdin).Status);
        Assert.Equal("200 OK", front.Ask(noStdin).Status);
        front.Send(noStdin).Transport.HalfClose();
        Assert.Equal("200 OK", front.Reply().Status);
    }

    [Theory]
    [Case(101, 104)]
    [InlineData("", "x")]
    [InlineData("1A", "x")]
    [InlineData("A-B", "x")]
    [InlineData("A B", "x")]
    [InlineData("A", "x\r\nStatus: 200")]
    public void WhatIsNoVariableIsRefused(string name, string value)
    {
        var front = new Front(Playing((_, response) =>
        {
            response.StatusCode = 200;
            response.AddVariable(Site.Bytes(name), Site.Bytes(value));
            return default;
        }));
        Assert.Equal("500 Internal Server Error", front.Ask(Question()).Status);
    }

    [Fact]
    [Case(104)]
    public void OnlyAnAuthorizerAddsVariablesAndOnlyAsSuch()
    {
        var front = new Front((_, response) =>
        {
            Assert.Throws<InvalidOperationException>(() => response.AddVariable("A"u8, "b"u8));
            Assert.Throws<ArgumentException>(() => response.AddHeader("variable-A"u8, "b"u8));
            return default;
        });
        Assert.Equal("200 OK", front.Ask(Wire.Get()).Status);
    }

    private static byte[] Question(ushort id = 1, bool keep = true) => new Wire().Begin(id, keep, role: 2)
        .Variables(id, ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/secret")).EndStdin(id);

    private static Site Playing(Handling handle) => new(handle) { Roles = [Role.Authorizer] };

    private sealed class Broken : IRequestRouter
    {
        public bool Plays(Role role) => true;

        public Route Resolve(FastCgiRequest request) => throw new InvalidOperationException("broken");
    }
}
