using System;
using System.Buffers;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 94 to 101: the header of a response, and the body it promises.</summary>
public class CgiResponseTests
{
    [Fact]
    [Case(94)]
    public void HeadKeepsTheLengthAndDropsTheBody()
    {
        var front = new Front(async (_, response) =>
        {
            response.ContentLength = 100_000;
            await response.Body.WriteAsync(new byte[100_000]);
        });
        Reply reply = front.Ask(Wire.Get(method: "HEAD"));
        Assert.Equal(("200 OK", "100000", 0), (reply.Status, reply.Header("Content-Length"), reply.Body.Length));
        Assert.Equal(100_000, front.Ask(Wire.Get()).Body.Length);
    }

    [Fact]
    [Case(94)]
    public void HeadMayDeclareALengthWithoutWritingTheBody()
    {
        var front = new Front((_, response) =>
        {
            response.ContentLength = 5;
            return default;
        });
        Assert.Equal("5", front.Ask(Wire.Get(method: "HEAD")).Header("Content-Length"));
    }

    [Theory]
    [Case(94)]
    [InlineData(204)]
    [InlineData(304)]
    public void AnswersWithoutABodyHaveNoneAndNothingAboutOne(int status)
    {
        var front = new Front((_, response) =>
        {
            response.StatusCode = status;
            response.AddHeader("ETag"u8, "\"x\""u8);
            response.AddHeader("content-type"u8, "text/plain"u8);
            response.AddHeader("X-After"u8, "y"u8);
            response.ContentLength = 3;
            response.Body.Write("abc"u8);
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.StartsWith($"{status} ", reply.Status, StringComparison.Ordinal);
        Assert.Equal(["ETag: \"x\"", "X-After: y"], reply.HeaderLines[1..]);
        Assert.Empty(reply.Body);
    }

    [Fact]
    [Case(95)]
    public void ABodyShorterThanDeclaredBecomesAnErrorWhileNothingHasLeft()
    {
        var front = new Front((_, response) =>
        {
            response.ContentLength = 5;
            response.Body.Write("abc"u8);
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(("500 Internal Server Error", 1u), (reply.Status, reply.ApplicationStatus));
        Assert.Contains("3 of 5 bytes", front.Log.Only(ServerLogLevel.Error), StringComparison.Ordinal);
    }

    [Fact]
    [Case(95)]
    public void ABodyShorterThanDeclaredIsAbortedWhenAPartHasLeft()
    {
        Handling handling = async (_, response) =>
        {
            response.ContentLength = 5;
            response.Body.Write("abc"u8);
            await response.Body.FlushAsync();
        };
        foreach (bool keep in new[] { true, false })
        {
            var front = new Front(handling);
            front.Send(Wire.Get(keep: keep));
            Assert.Equal("abc", Assert.Single(front.Output.Open).Text);
            front.SweepAfter(1).WaitForClose();
            Assert.Empty(front.Output.Ended);
        }
    }

    [Fact]
    [Case(95)]
    public void BytesBeyondTheDeclaredLengthAreRefused()
    {
        var front = new Front((_, response) =>
        {
            response.ContentLength = 3;
            response.Body.Write("abc"u8);
            Assert.Throws<InvalidOperationException>(() => response.Body.Write("d"u8));
            return default;
        });
        Reply reply = front.Ask(Wire.Get());
        Assert.Equal(("3", "abc"), (reply.Header("Content-Length"), reply.Text));
    }

    [Fact]
    [Case(95)]
    public void BytesThatWereRefusedDoNotCountAsWritten()
    {
        var front = new Front((_, response) =>
        {
            response.ContentLength = 10;
            response.Body.Write("12345678"u8);
            Assert.Throws<InvalidOperationException>(() => response.Body.Write("90abc"u8));
            return default;
        });
        Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get()).Status);
    }

    [Fact]
    [Case(97, 98)]
    public void StatusIsAlwaysThereFirstAndWithoutAProtocol()
    {
        var front = new Front((request, response) =>
        {
            response.AddHeader("Location"u8, "/else"u8);
            response.StatusCode = request.Path.Length;
            return default;
        });
        Assert.Equal("Status: 302 Found", front.Ask(Wire.Get(new string('/', 302))).HeaderLines[0]);
        Assert.Equal("Status: 431 Request Header Fields Too Large", front.Ask(Wire.Get(new string('/', 431))).HeaderLines[0]);
        Assert.Equal("Status: 599 Internal Server Error", front.Ask(Wire.Get(new string('/', 599))).HeaderLines[0]);
        Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get(new string('/', 199))).Status);
        Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get(new string('/', 600))).Status);
    }

    [Theory]
    [Case(96)]
    [InlineData("Transfer-Encoding")]
    [InlineData("connection")]
    [InlineData("KEEP-ALIVE")]
    [InlineData("Status")]
    [InlineData("Content-Length")]
    public void FieldsOfTheFrontAreNotForHandlers(string name) => AssertRefused(name, "x");

    [Theory]
    [Case(101)]
    [InlineData("X", "a\r\nSet-Cookie: b")]
    [InlineData("X", "a\nb")]
    [InlineData("X", "a\rb")]
    [InlineData("X", "a\0b")]
    [InlineData("", "a")]
    [InlineData("X Y", "a")]
    [InlineData("X:", "a")]
    [InlineData("X\r\nY", "a")]
    [InlineData("X\u00e4", "a")]
    public void NothingCanBeSmuggledIntoTheHeader(string name, string value) => AssertRefused(name, value);

    [Theory]
    [Case(100)]
    [InlineData("Content-Type")]
    [InlineData("Location")]
    public void FieldsThatMayComeOnceDoNotComeTwice(string name)
    {
        var front = new Front((_, response) =>
        {
            response.AddHeader(Site.Bytes(name), "a"u8);
            Assert.Throws<ArgumentException>(() => response.AddHeader(Site.Bytes(name.ToUpperInvariant()), "b"u8));
            return default;
        });
        Assert.Equal([$"{name}: a"], front.Ask(Wire.Get()).HeaderLines[1..]);
        Assert.Equal([$"{name}: a"], front.Ask(Wire.Get()).HeaderLines[1..]);
    }

    [Fact]
    [Case(100, 101)]
    public void NoTypeIsInventedAndCookiesStaySeparate()
    {
        var front = new Front((_, response) =>
        {
            response.AddHeader("Set-Cookie"u8, "a=1"u8);
            response.AddHeader("Set-Cookie"u8, "b=\u00ff"u8);
            return default;
        });
        Assert.Equal(3, front.Ask(Wire.Get()).HeaderLines.Length);
    }

    [Fact]
    public void NothingCanBeChangedOnceTheHeaderIsSettled()
    {
        var front = new Front(async (_, response) =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => response.ContentLength = -1);
            await response.Body.FlushAsync();
            Assert.True(response.HeadersComposed);
            Assert.Throws<InvalidOperationException>(() => response.StatusCode = 404);
            Assert.Throws<InvalidOperationException>(() => response.ContentLength = 4);
            Assert.Throws<InvalidOperationException>(() => response.AddHeader("X"u8, "y"u8));
        });
        Assert.Equal(["Status: 200 OK"], front.Ask(Wire.Get()).HeaderLines);
    }

    private static void AssertRefused(string name, string value)
    {
        var front = new Front((_, response) =>
        {
            Assert.Throws<ArgumentException>(() => response.AddHeader(Site.Bytes(name), Site.Bytes(value)));
            return default;
        });
        Assert.Equal(["Status: 200 OK"], front.Ask(Wire.Get()).HeaderLines);
    }
}
