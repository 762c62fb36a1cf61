using System;
using System.Net;
using System.Text;
using Appliance.Access;
using Xunit;

namespace Appliance.Tests.Access;

public class HostFieldTests
{
    [Theory]
    [InlineData("router.lan", "router.lan", false, null)]
    [InlineData("router.lan:8080", "router.lan", false, 8080)]
    [InlineData("A_b-C.9:1", "A_b-C.9", false, 1)]
    [InlineData("192.168.1.1", "192.168.1.1", true, null)]
    [InlineData("0.0.0.0:65535", "0.0.0.0", true, 65535)]
    [InlineData("255.255.255.255", "255.255.255.255", true, null)]
    [InlineData("[::]", "[::]", true, null)]
    [InlineData("[::1]:443", "[::1]", true, 443)]
    [InlineData("[fd00:1:2:3:4:5:6:7]", "[fd00:1:2:3:4:5:6:7]", true, null)]
    [InlineData("[FE80::1:2]:80", "[FE80::1:2]", true, 80)]
    [InlineData("[::ffff:192.168.1.1]", "[::ffff:192.168.1.1]", true, null)]
    [InlineData("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", true, null)]
    [InlineData("[::2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]", true, null)]
    [InlineData("[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", true, null)]
    public void AHostIsTakenApart(string value, string name, bool isAddress, int? port)
    {
        Assert.True(HostField.TryParse(Encoding.UTF8.GetBytes(value), out HostField host));
        Assert.Equal((name, isAddress, port), (Encoding.UTF8.GetString(host.Name), host.IsAddress, host.Port));
    }

    /// <summary>What some C libraries read as an address is a name here, and no name of ours.</summary>
    [Theory]
    [InlineData("127.1")]
    [InlineData("1")]
    [InlineData("0x7f000001")]
    [InlineData("127.0.0.01")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.4.")]
    [InlineData(".1.2.3.4")]
    [InlineData("1..2.3")]
    [InlineData("1.2.3.4a")]
    [InlineData("f99.1.2.3")]
    [InlineData("99999999999.0.0.1")]
    [InlineData("4294967297.0.0.1")]
    public void WhatLooksLikeAnAddressIsAName(string value)
    {
        Assert.True(HostField.TryParse(Encoding.UTF8.GetBytes(value), out HostField host));
        Assert.False(host.IsAddress);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(":80")]
    [InlineData("router.lan:")]
    [InlineData("router.lan:0")]
    [InlineData("router.lan:65536")]
    [InlineData("router.lan:-80")]
    [InlineData("router.lan:80x")]
    [InlineData("router.lan:4294967376")]
    [InlineData("router.lan:+80")]
    [InlineData("router.lan: 80")]
    [InlineData("router.lan:80:80")]
    [InlineData("router.lan:80\0")]
    [InlineData("router.lan, evil.example")]
    [InlineData("router.lan evil.example")]
    [InlineData("anna@router.lan")]
    [InlineData("router.lan/")]
    [InlineData("http://router.lan")]
    [InlineData("router.lan\0")]
    [InlineData("röuter.lan")]
    [InlineData("*")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("[::1]]")]
    [InlineData("[]")]
    [InlineData("[")]
    [InlineData("[:]")]
    [InlineData("[:::]")]
    [InlineData("[1::2::3]")]
    [InlineData("[1:2:3:4:5:6:7]")]
    [InlineData("[1:2:3:4:5:6:7:8:9]")]
    [InlineData("[1:2:3:4:5:6:7:8::]")]
    [InlineData("[::1:2:3:4:5:6:7:8]")]
    [InlineData("[1:2:3:4:5:6:7:]")]
    [InlineData("[:1:2:3:4:5:6:7]")]
    [InlineData("[12345::]")]
    [InlineData("[g::]")]
    [InlineData("[1.2.3.4]")]
    [InlineData("[1.2.3.4::]")]
    [InlineData("[::1.2.3.4:5]")]
    [InlineData("[::1.2.3]")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("[v1.x]")]
    [InlineData("[router.lan]")]
    [InlineData("[::1]80")]
    [InlineData("[::1]:")]
    [InlineData("[::1].evil.example")]
    public void AnythingElseIsNoHost(string value) =>
        Assert.False(HostField.TryParse(Encoding.UTF8.GetBytes(value), out _));

    [Fact]
    public void ANameHasAsManyBytesAsDnsAllows()
    {
        Assert.True(HostField.TryParse(Encoding.ASCII.GetBytes(new string('a', 253)), out _));
        Assert.False(HostField.TryParse(Encoding.ASCII.GetBytes(new string('a', 254)), out _));
    }

    /// <summary>.NET's parser takes more (zones, ports, dots with zeros in front); what it writes is always in the grammar.</summary>
    [Fact]
    public void EveryAddressAsDotNetWritesItIsOneAndNoneOfItsDamagedFormsIsOneThatDotNetRefuses()
    {
        var random = new Random(7);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            for (int zeros = random.Next(8); zeros > 0; zeros--)
                bytes.AsSpan(random.Next(8) * 2, 2).Clear();
            string text = new IPAddress(random.Next(4) == 0 ? bytes.AsSpan(0, 4) : bytes).ToString();
            Assert.True(IsAddress(text), text);

            char[] damaged = text.ToCharArray();
            damaged[random.Next(damaged.Length)] = ":.0f1g"[random.Next(6)];
            string changed = new(damaged);
            if (IsAddress(changed))
                Assert.True(IPAddress.TryParse(changed, out _), changed);
        }
    }

    private static bool IsAddress(string text)
    {
        string value = text.Contains(':', StringComparison.Ordinal) ? $"[{text}]" : text;
        return HostField.TryParse(Encoding.ASCII.GetBytes(value), out HostField host) && host.IsAddress;
    }
}
