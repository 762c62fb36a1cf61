using System;
using FastCgi.Protocol;
using Xunit;

namespace FastCgi.Tests.Protocol;

/// <summary>The three bodies of eight bytes: BEGIN_REQUEST, END_REQUEST, UNKNOWN_TYPE.</summary>
public class BodyTests
{
    [Theory]
    [InlineData(Role.Responder, RequestFlags.KeepConnection)]
    [InlineData(Role.Authorizer, RequestFlags.None)]
    [InlineData(Role.Filter, (RequestFlags)0xFF)]
    [InlineData((Role)0xFFFF, (RequestFlags)0x80)]
    public void BeginReadsWhatItWrote(Role role, RequestFlags flags)
    {
        byte[] bytes = [.. "????????"u8];
        var body = new BeginRequestBody(role, flags);
        body.Write(bytes);
        Assert.Equal(body, BeginRequestBody.Read(bytes));
    }

    [Theory]
    [InlineData(0u, ProtocolStatus.RequestComplete)]
    [InlineData(uint.MaxValue, ProtocolStatus.UnknownRole)]
    [InlineData(938u, (ProtocolStatus)0xFF)]
    public void EndReadsWhatItWrote(uint applicationStatus, ProtocolStatus status)
    {
        byte[] bytes = [.. "????????"u8];
        var body = new EndRequestBody(applicationStatus, status);
        body.Write(bytes);
        Assert.Equal(body, EndRequestBody.Read(bytes));
    }

    [Fact]
    public void UnknownTypeReadsWhatItWrote()
    {
        byte[] bytes = [.. "????????"u8];
        var body = new UnknownTypeBody((RecordType)0x6F);
        body.Write(bytes);
        Assert.Equal(body, UnknownTypeBody.Read(bytes));
    }

    [Fact]
    [Case(90)]
    public void BodiesStandOnTheWireAsTheSpecificationSays()
    {
        byte[] bytes = [.. "????????"u8];
        new BeginRequestBody(Role.Responder, RequestFlags.KeepConnection).Write(bytes);
        Assert.Equal([0, 1, 1, 0, 0, 0, 0, 0], bytes);

        bytes = [.. "????????"u8];
        new EndRequestBody(0x01020304, ProtocolStatus.Overloaded).Write(bytes);
        Assert.Equal([1, 2, 3, 4, 2, 0, 0, 0], bytes);

        bytes = [.. "????????"u8];
        new UnknownTypeBody((RecordType)12).Write(bytes);
        Assert.Equal([12, 0, 0, 0, 0, 0, 0, 0], bytes);
    }

    [Fact]
    [Case(6)]
    public void ReservedBytesAndOtherFlagsOfBeginAreIgnored()
    {
        BeginRequestBody body = BeginRequestBody.Read([0, 1, 0xFE, 1, 2, 3, 4, 5]);
        Assert.Equal(Role.Responder, body.Role);
        Assert.False(body.KeepConnection);
        Assert.True(BeginRequestBody.Read([0, 1, 0xFF, 0, 0, 0, 0, 0]).KeepConnection);
    }

    [Theory]
    [Case(37)]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(65535)]
    public void BodiesOfAnotherLengthAreRefusedWithTheLength(int length)
    {
        byte[] bytes = new byte[length];
        foreach (Action read in new Action[]
        {
            () => BeginRequestBody.Read(bytes),
            () => EndRequestBody.Read(bytes),
            () => UnknownTypeBody.Read(bytes),
        })
        {
            Assert.Contains($" {length} bytes", Assert.Throws<FastCgiProtocolException>(read).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void NumbersAreThoseOfTheSpecification()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Array.ConvertAll(Enum.GetValues<RecordType>()[1..], type => (int)type));
        Assert.Equal([1, 2, 3], Array.ConvertAll(Enum.GetValues<Role>()[1..], role => (int)role));
        Assert.Equal([0, 1, 2, 3], Array.ConvertAll(Enum.GetValues<ProtocolStatus>(), status => (int)status));
        Assert.Equal("FCGI_MAX_CONNS"u8, ManagementVariable.MaxConnections);
        Assert.Equal("FCGI_MAX_REQS"u8, ManagementVariable.MaxRequests);
        Assert.Equal("FCGI_MPXS_CONNS"u8, ManagementVariable.MultiplexesConnections);
    }
}
