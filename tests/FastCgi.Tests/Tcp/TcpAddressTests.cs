using Xunit;

namespace FastCgi.Tests.Tcp;

/// <summary>Addresses in numbers: what is read, what is not, and that IPv4 is IPv4 however it came (case 109).</summary>
public class TcpAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9000", 9000)]
    [InlineData("0.0.0.0:0", 0)]
    [InlineData("255.255.255.255:65535", 65535)]
    [InlineData("[::1]:80", 80)]
    [InlineData("[::]:80", 80)]
    [InlineData("[2001:db8::a:1]:80", 80)]
    public void IsReadAndShownAsItIsWritten(string text, int port)
    {
        Assert.True(TcpAddress.TryParse(text, out TcpAddress address));
        Assert.Equal(port, address.Port);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("80")]
    [InlineData(":80")]
    [InlineData("*:80")]
    [InlineData("localhost:80")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+1")]
    [InlineData("127.0.0.1: 1")]
    [InlineData("127.0.0.1:80\0")]
    [InlineData("127.0.0.1\0:80")]
    [InlineData("127.1:80")]
    [InlineData("0x7f.0.0.1:80")]
    [InlineData("127.0.0.01:80")]
    [InlineData("256.0.0.1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("::1:80")]
    [InlineData("[::1:80")]
    [InlineData("[]:80")]
    [InlineData("[::1%lo]:80")]
    public void AnythingElseIsNoAddress(string text) => Assert.False(TcpAddress.TryParse(text, out _));

    [Fact]
    [Case(109)]
    public void Version4InsideVersion6IsTheSameAddress()
    {
        Assert.True(TcpAddress.TryParse("[::ffff:192.0.2.1]:80", out TcpAddress mapped));
        Assert.True(TcpAddress.TryParse("192.0.2.1:80", out TcpAddress plain));
        Assert.Equal(plain, mapped);
        Assert.True(TcpAddress.TryParse("[::192.0.2.1]:80", out TcpAddress compatible)); // a form of old, and another address
        Assert.NotEqual(plain, compatible);
    }

    [Theory]
    [InlineData("127.0.0.1:9000")]
    [InlineData("[2001:db8::1]:9000")]
    public void ComesBackFromTheKernelsForm(string text)
    {
        Assert.True(TcpAddress.TryParse(text, out TcpAddress address));
        byte[] socketAddress = new byte[28];
        address.ToSocketAddress().CopyTo(socketAddress, 0);
        Assert.Equal(address, TcpAddress.Read(socketAddress));
    }

    [Fact]
    public void AUnixSocketsAddressIsNotTcp() => Assert.Null(TcpAddress.Read([1, 0, .. new byte[26]]));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.0.9", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("126.0.0.1", false)]
    [InlineData("::7f00:1", false)]
    [InlineData("::", false)]
    [InlineData("0.0.0.0", false)]
    public void LoopbackIsToldFromTheRest(string text, bool loopback)
    {
        Assert.True(IpAddress.TryParse(text, out IpAddress address));
        Assert.Equal(loopback, address.IsLoopback);
    }
}
