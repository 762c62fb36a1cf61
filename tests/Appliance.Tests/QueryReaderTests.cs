using System;
using System.Collections.Generic;
using System.Text;
using Xunit;

namespace Appliance.Tests;

public class QueryReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("&&", "")]
    [InlineData("a=1", "a→1")]
    [InlineData("a=1&b=2&a=3", "a→1 b→2 a→3")]
    [InlineData("a", "a→")]
    [InlineData("=1", "→1")]
    [InlineData("a=b=c", "a→b=c")]
    [InlineData("&a=1&&b=2&", "a→1 b→2")]
    public void ParametersComeInTheirOrder(string query, string read) => Assert.Equal(read, Read(query));

    [Theory]
    [InlineData("collect%5B%5D=cpu", "collect[]→cpu")]
    [InlineData("collect%5b%5d=c%70u", "collect[]→cpu")]
    [InlineData("a=1+2%2B3", "a→1 2+3")]
    [InlineData("a=b%26c%3Dd", "a→b&c=d")]
    [InlineData("a=gr%C3%BCn", "a→grün")]
    [InlineData("a=%", "a→%")]
    [InlineData("a=%4", "a→%4")]
    [InlineData("a=%4g%zz", "a→%4g%zz")]
    [InlineData("a=%ff", "a→\ufffd")]
    public void PercentEncodingIsUndone(string query, string read) => Assert.Equal(read, Read(query));

    private static string Read(string query)
    {
        List<string> parameters = [];
        QueryReader reader = new(Encoding.UTF8.GetBytes(query));
        while (reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            parameters.Add($"{Encoding.UTF8.GetString(name)}→{Encoding.UTF8.GetString(value)}");
        return string.Join(' ', parameters);
    }
}
