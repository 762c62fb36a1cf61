using System;
using System.Reflection;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests;

/// <summary>Bounds that cannot be kept are refused before anything is served.</summary>
public class ServerLimitsTests
{
    public static TheoryData<string> All()
    {
        var names = new TheoryData<string>();
        foreach (PropertyInfo bound in typeof(ServerLimits).GetProperties())
        {
            if (bound.PropertyType != typeof(bool))
                names.Add(bound.Name);
        }
        return names;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ANegativeBoundIsRefusedByItsName(string name)
    {
        PropertyInfo bound = typeof(ServerLimits).GetProperty(name)!;
        var limits = new ServerLimits();
        bound.SetValue(limits, bound.PropertyType == typeof(TimeSpan) ? TimeSpan.FromSeconds(-7) : Convert.ChangeType(-7, bound.PropertyType, null));
        Refused(name, "-", limits);
    }

    [Fact]
    [Case(86)]
    public void AHeaderOrErrorsThatFitIntoNoRecordAreRefused()
    {
        Refused("MaxResponseHeaderBytes", "65536", new ServerLimits { MaxResponseHeaderBytes = 65536 });
        Refused("MaxErrorBytes", "65536", new ServerLimits { MaxErrorBytes = 65536 });
    }

    [Fact]
    [Case(86)]
    public void TheLongestHeaderAndErrorsAllowedStandInARecordEach()
    {
        var limits = new ServerLimits { MaxResponseHeaderBytes = 31 * 1024, MaxErrorBytes = 32 * 1024 };
        Assert.Same(limits, limits.Checked());
        byte[] value = new byte[31 * 1024 - "X: \r\n".Length];
        value.AsSpan().Fill((byte)'v');
        Reply reply = new Front((_, response) =>
        {
            response.AddHeader("X"u8, value);
            response.StatusCode = 511; // Network Authentication Required: none is longer
            response.WriteError(new byte[40_000]);
            return default;
        }, limits).Ask(Wire.Get());
        Assert.Equal(value.Length, reply.Header("X")!.Length);
        Assert.Single(reply.Records);
        Assert.Equal(32 * 1024, reply.Errors!.Length);
    }

    private static void Refused(string name, string value, ServerLimits limits)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new FastCgiServer(new Site(Site.SayPath), limits).Dispose());
        Assert.Equal(name, refused.ParamName);
        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
        using var server = new FastCgiServer(new Site(Site.SayPath));
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Change(new Site(Site.SayPath), limits));
    }
}
