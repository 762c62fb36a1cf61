using System;
using System.Buffers;
using System.Text;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Cases 14 to 25: what PARAMS may hold.</summary>
public class VariablesTests
{
    [Fact]
    [Case(14)]
    public void VariablesSplitOverRecordsAtEveryOffsetAreReassembled()
    {
        byte[] pairs = Wire.Pairs(("REQUEST_METHOD", "GET"), ("HTTP_LONG", new string('x', 130)), ("SCRIPT_NAME", "/here"));
        var front = new Front(Site.SayPath);
        for (int at = 1; at < pairs.Length; at++)
        {
            var wire = new Wire { Padding = 2 }.Begin(1);
            wire.Record(RecordType.Params, 1, pairs.AsSpan(0, at)).Record(RecordType.Params, 1, pairs.AsSpan(at));
            Assert.Equal("/here", front.Ask(wire.Record(RecordType.Params, 1, []).EndStdin(1)).Text);
        }
        var single = new Wire().Begin(1);
        foreach (byte b in pairs)
            single.Record(RecordType.Params, 1, [b]);
        Assert.Equal("/here", front.Ask(single.Record(RecordType.Params, 1, []).EndStdin(1)).Text);
    }

    [Fact]
    [Case(15)]
    public void NoVariablesAtAllAreABadRequest()
    {
        var front = new Front(Site.SayPath);
        Assert.Equal("400 Bad Request", front.Ask(new Wire().Begin(1).Variables(1).EndStdin(1)).Status);
        Assert.Equal("/", front.Ask(Wire.Get()).Text);
    }

    [Fact]
    [Case(16)]
    public void ADanglingPairClosesTheConnection()
    {
        var front = new Front(Site.SayPath);
        byte[] pairs = Wire.Pairs(("REQUEST_METHOD", "GET"));
        front.Send(new Wire().Begin(1).Record(RecordType.Params, 1, pairs.AsSpan(0, 10)).Record(RecordType.Params, 1, [])).WaitForClose();
        Assert.Empty(front.Output.Records);
        Assert.Contains("inside a pair: 10 bytes", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Fact]
    [Case(17)]
    public void HugeLengthsCloseTheConnectionWithoutCostingMemory()
    {
        var front = new Front(Site.SayPath);
        front.Ask(Wire.Get());
        byte[] bytes = new Wire().Begin(1).Record(RecordType.Params, 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]).Record(RecordType.Params, 1, []);
        long before = GC.GetAllocatedBytesForCurrentThread();
        front.Send(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        front.WaitForClose();
    }

    [Theory]
    [Case(20)]
    [InlineData("/a\nb", "")]
    [InlineData("/a\rb", "")]
    [InlineData("/a\0b", "")]
    [InlineData("/a", "/\n")]
    public void ControlCharactersAreRefusedInThePath(string script, string info)
    {
        var site = new Site(Site.SayPath);
        Reply reply = new Front(site).Ask(new Wire().Begin(1)
            .Variables(1, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", script), ("PATH_INFO", info)).EndStdin(1));
        Assert.Equal("400 Bad Request", reply.Status);
        Assert.Equal(0, site.Resolved);
    }

    [Theory]
    [Case(20)]
    [InlineData("REQUEST_URI")]
    [InlineData("DOCUMENT_URI")]
    [InlineData("SCRIPT_FILENAME")]
    [InlineData("PATH_TRANSLATED")]
    public void ControlCharactersAreRefusedInEveryVariableThatIsAPath(string name)
    {
        foreach (string path in (string[])["/a\nb", "/a\rb", "/a\0b"])
        {
            var site = new Site(Site.SayPath) { Roles = [Role.Responder, Role.Authorizer] };
            var front = new Front(site);
            RefusalTests.AssertProblem(front.Ask(new Wire().Begin(1)
                .Variables(1, ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/"), (name, path)).EndStdin(1)), 400, name);
            Reply denied = front.Ask(new Wire().Begin(1, role: (ushort)Role.Authorizer).Variables(1, ("REQUEST_METHOD", "GET"), (name, path)));
            Assert.Equal("400 Bad Request", denied.Status); // anything but 200 is a denial
            Assert.Equal(0, site.Resolved);
        }
    }

    [Fact]
    [Case(20, 21, 22, 24)]
    public void HandlersSeeTheBytesAsTheyCame()
    {
        string seen = "";
        var front = new Front((request, _) =>
        {
            for (int i = 0; i < request.Parameters.Count; i++)
            {
                request.Parameters.GetAt(i, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
                seen += $"{Encoding.Latin1.GetString(name)}={Encoding.Latin1.GetString(value)}|";
            }
            return default;
        });
        front.Ask(new Wire().Begin(1).Variables(
            1,
            ("REQUEST_METHOD", "GET"), ("HTTP_X", "\0\n\u00ff"), ("HTTP_PROXY", "evil"), ("HTTP_X", "\u0080"), ("", "?"), ("QUERY_STRING", "a=%ff"))
            .EndStdin(1));
        Assert.Equal("REQUEST_METHOD=GET|HTTP_X=\0\n\u00ff, \u0080|QUERY_STRING=a=%ff|", seen);
    }

    [Theory]
    [Case(25)]
    [InlineData("REQUEST_URI", "http://host/absolute?x")]
    [InlineData("SERVER_PROTOCOL", "HTTP/2.0")]
    [InlineData("PATH_INFO", "")]
    [InlineData("PATH_INFO", "/%0a")]
    [InlineData("SCRIPT_NAME", "no-slash")]
    [InlineData("CONTENT_LENGTH", "")]
    [InlineData("REQUEST_METHOD", "\u00ff\u00fe")]
    [InlineData("QUERY_STRING", "?&&==%")]
    public void OddVariablesAreNoReasonToFail(string name, string value)
    {
        var front = new Front((request, response) =>
        {
            response.Body.Write(request.Path);
            response.Body.Write(request.Query);
            response.Body.Write(request.Method);
            return default;
        });
        Reply reply = front.Ask(new Wire().Begin(1).Variables(1, ("REQUEST_METHOD", "GET"), (name, value)).EndStdin(1));
        Assert.Equal("200 OK", reply.Status);
        Assert.True(front.Log.IsSilent);
    }
}
