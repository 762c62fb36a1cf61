using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests;

public class RequestParametersTests
{
    private const int Plenty = 1 << 20;

    [Fact]
    [Case(14)]
    public void PairsSplitAnywhereAreReassembled()
    {
        byte[] pairs = Wire.Pairs(("REQUEST_METHOD", "GET"), ("LONG", new string('x', 200)), ("EMPTY", ""));
        for (int first = 0; first <= pairs.Length; first++)
        {
            for (int second = first; second <= pairs.Length; second += 7)
            {
                RequestParameters read = Collect(pairs[..first], pairs[first..second], pairs[second..]);
                Assert.Equal($"REQUEST_METHOD=GET LONG={new string('x', 200)} EMPTY=", Text(read));
            }
        }
    }

    [Fact]
    [Case(22)]
    public void HeadersThatComeAgainAreJoinedInTheirOrder()
    {
        RequestParameters read = Collect(Wire.Pairs(
            ("HTTP_ACCEPT", "a"), ("HTTP_COOKIE", "x=1"), ("PATH_INFO", "/"), ("HTTP_ACCEPT", "b"),
            ("HTTP_COOKIE", "y=2"), ("HTTP_ACCEPT", ""), ("HTTP_HOST", "h"), ("HTTP_COOKIE", "z=3")));
        Assert.Equal("HTTP_ACCEPT=a, b,  HTTP_COOKIE=x=1; y=2; z=3 PATH_INFO=/ HTTP_HOST=h", Text(read));
    }

    [Fact]
    [Case(22)]
    public void OfOtherNamesTheLastStands()
    {
        RequestParameters read = Collect(Wire.Pairs(("QUERY_STRING", "a"), ("HTTPS", "on"), ("QUERY_STRING", "b"), ("HTTPS", "")));
        Assert.Equal("QUERY_STRING=b HTTPS=", Text(read));
    }

    [Fact]
    [Case(24)]
    public void TheProxyHeaderIsDroppedHoweverOftenItComes()
    {
        RequestParameters read = Collect(Wire.Pairs(("HTTP_PROXY", "evil"), ("A", "1"), ("HTTP_PROXY", ""), ("HTTP_PROXY_", "kept")));
        Assert.Equal("A=1 HTTP_PROXY_=kept", Text(read));
        Assert.False(read.TryGetValue("HTTP_PROXY"u8, out _));
    }

    [Fact]
    [Case(19)]
    public void PairsWithoutANameAreSkipped()
    {
        RequestParameters read = Collect(Wire.Pairs(("", "x"), ("A", "1"), ("", ""), ("B", "2")));
        Assert.Equal("A=1 B=2", Text(read));
    }

    [Fact]
    [Case(20, 21)]
    public void BytesOfAnyKindSurvive()
    {
        string value = "\0\n\r\u00ff\u00fe\u0080\u00c3(";
        RequestParameters read = Collect(Wire.Pairs(("HTTP_X", value), ("N\u00e4me\u00ff", "v")));
        Assert.Equal(Site.Bytes(value), read["HTTP_X"u8]);
        Assert.Equal("v"u8, read[Site.Bytes("N\u00e4me\u00ff")]);
        Assert.Equal("\0\n\r\ufffd\ufffd\ufffd\ufffd(", read.GetString("HTTP_X"u8));
        Assert.Null(read.GetString("HTTP_Y"u8));
    }

    [Fact]
    [Case(16)]
    public void ADanglingPairIsAnErrorThatSaysHowMuchIsLeft()
    {
        byte[] pairs = Wire.Pairs(("A", "1"), ("NAME", "value"));
        for (int missing = 1; missing < pairs.Length - 4; missing++)
        {
            var e = Assert.Throws<FastCgiProtocolException>(() => Collect(pairs[..^missing]));
            Assert.Contains($" {pairs.Length - missing - 4} bytes", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Case(18)]
    public void BytesAreLimitedOverAllPieces()
    {
        var parameters = new RequestParameters();
        Assert.True(parameters.TryAppend(new ReadOnlySequence<byte>(new byte[60]), 100));
        Assert.True(parameters.TryAppend(new ReadOnlySequence<byte>(new byte[40]), 100));
        Assert.False(parameters.TryAppend(new ReadOnlySequence<byte>(new byte[1]), 100));
    }

    [Fact]
    [Case(18)]
    public void PairsAreLimitedAndRepeatedHeadersCount()
    {
        Assert.Equal(4, Collect(4, Wire.Pairs(("A", ""), ("B", ""), ("C", ""), ("D", ""), ("", ""), ("HTTP_PROXY", "")))!.Count);
        Assert.Null(Collect(4, Wire.Pairs(("A", ""), ("B", ""), ("C", ""), ("D", ""), ("E", ""))));
        Assert.Null(Collect(4, Wire.Pairs(("HTTP_A", ""), ("HTTP_A", ""), ("HTTP_A", ""), ("HTTP_A", ""), ("HTTP_A", ""))));
    }

    [Fact]
    public void JoinedValuesSurviveTheGrowthOfTheBuffer()
    {
        // The values fill the first buffer to the last byte, so that joining them makes it grow while it is being read.
        for (int length = 200; length <= 260; length++)
        {
            string a = new('a', length), b = new('b', length), c = new('c', length), d = new('d', length);
            RequestParameters read = Collect(Wire.Pairs(("HTTP_X", a), ("HTTP_Y", c), ("HTTP_X", b), ("HTTP_Y", d)));
            Assert.Equal($"HTTP_X={a}, {b} HTTP_Y={c}, {d}", Text(read));
        }
    }

    [Fact]
    public void ConcatenationSurvivesTheGrowthOfTheBuffer()
    {
        for (int length = 1; length <= 700; length++)
        {
            string path = new('p', length);
            RequestParameters read = Collect(Wire.Pairs(("SCRIPT_NAME", "/s"), ("PATH_INFO", path)));
            ReadOnlyMemory<byte> joined = read.Concatenate("SCRIPT_NAME"u8, "PATH_INFO"u8);
            Assert.Equal("/s" + path, Encoding.Latin1.GetString(joined.Span));
            Assert.Equal($"SCRIPT_NAME=/s PATH_INFO={path}", Text(read));
        }
    }

    [Theory]
    [Case(25)]
    [InlineData("/s", "/p", "/s/p")]
    [InlineData("/s", "", "/s")]
    [InlineData("/s", null, "/s")]
    [InlineData("", "/p", "/p")]
    [InlineData(null, "/p", "/p")]
    [InlineData(null, "", "")]
    [InlineData(null, null, "")]
    public void ThePathIsScriptNameAndPathInfoHoweverTheFrontDividesThem(string? script, string? info, string path)
    {
        List<(string, string)> variables = [("REQUEST_METHOD", "GET")];
        if (script is not null)
            variables.Add(("SCRIPT_NAME", script));
        if (info is not null)
            variables.Add(("PATH_INFO", info));
        RequestParameters read = Collect(Wire.Pairs([.. variables]));
        Assert.Equal(path, Encoding.Latin1.GetString(read.Concatenate("SCRIPT_NAME"u8, "PATH_INFO"u8).Span));
    }

    [Fact]
    public void NothingOfTheLastRequestIsLeft()
    {
        var parameters = new RequestParameters();
        for (int i = 0; i < 300; i += 7)
        {
            (string, string)[] variables = [.. Enumerable.Range(0, i % 50).Select(n => ($"HTTP_{n % 20}", new string('v', i)))];
            byte[] pairs = Wire.Pairs(variables);
            parameters.Clear();
            Assert.True(parameters.TryAppend(new ReadOnlySequence<byte>(pairs), Plenty));
            Assert.True(parameters.TryIndex(Plenty));
            Assert.Equal(Text(Collect(pairs)), Text(parameters));
            Assert.Equal(Math.Min(20, i % 50), parameters.Count);
        }
    }

    [Fact]
    public void NamesAreFoundHoweverManyLookAlike()
    {
        (string, string)[] variables = [.. Enumerable.Range(0, 200).Select(n => ($"X{n:D3}", $"{n}"))];
        RequestParameters read = Collect(Wire.Pairs(variables));
        foreach ((string name, string value) in variables)
            Assert.Equal(value, read.GetString(Site.Bytes(name)));
        Assert.False(read.TryGetValue("x001"u8, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => read.GetAt(200, out _, out _));
    }

    private static RequestParameters Collect(params byte[][] pieces)
    {
        var parameters = new RequestParameters();
        foreach (byte[] piece in pieces)
            Assert.True(parameters.TryAppend(new ReadOnlySequence<byte>(piece), Plenty));
        Assert.True(parameters.TryIndex(Plenty));
        return parameters;
    }

    private static RequestParameters? Collect(int maxPairs, byte[] pairs)
    {
        var parameters = new RequestParameters();
        Assert.True(parameters.TryAppend(new ReadOnlySequence<byte>(pairs), Plenty));
        return parameters.TryIndex(maxPairs) ? parameters : null;
    }

    private static string Text(RequestParameters parameters)
    {
        List<string> pairs = [];
        for (int i = 0; i < parameters.Count; i++)
        {
            parameters.GetAt(i, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            pairs.Add($"{Encoding.Latin1.GetString(name)}={Encoding.Latin1.GetString(value)}");
        }
        return string.Join(' ', pairs);
    }
}
