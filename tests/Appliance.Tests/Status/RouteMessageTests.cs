using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>What rtnetlink(7) sends, whole and damaged; and the live kernel's answer.</summary>
public class RouteMessageTests
{
    private static readonly byte[] Address = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    private static readonly byte[] Hardware = [0x02, 0x00, 0x5e, 0x00, 0x53, 0xff];

    [Theory]
    [InlineData(0x01, "incomplete", false)] // NUD_INCOMPLETE
    [InlineData(0x02, "complete", true)] // NUD_REACHABLE
    [InlineData(0x04, "complete", true)] // NUD_STALE
    [InlineData(0x08, "complete", true)] // NUD_DELAY
    [InlineData(0x10, "complete", true)] // NUD_PROBE
    [InlineData(0x20, "incomplete", false)] // NUD_FAILED
    [InlineData(0x80, "permanent", true)] // NUD_PERMANENT
    public void ANeighbourIsShownWithItsState(int state, string expected, bool hasHardwareAddress) => Assert.Equal(
        $$"""[{"address":"2001:db8::7","interface":"lan1",{{(hasHardwareAddress ? "\"hardware_address\":\"02:00:5e:00:53:ff\"," : "")}}"state":"{{expected}}"}]""",
        Written(Neighbour(state: (ushort)state)));

    [Fact]
    public void WhatIsNoNeighbourIsLeftOut()
    {
        Assert.Equal("[]", Written(Neighbour(state: 0x40))); // NUD_NOARP: a group
        Assert.Equal("[]", Written(Neighbour(state: 0)));
        Assert.Equal("[]", Written(Neighbour(family: 2)));
        Assert.Equal("[]", Written(Neighbour(address: Address[..4])));
    }

    [Fact]
    public void OneWithoutAHardwareAddressHasNone() =>
        Assert.DoesNotContain("hardware", Written(Neighbour(hardware: [])), StringComparison.Ordinal);

    [Fact]
    public void APartOfANeighbourIsNone()
    {
        byte[] whole = Neighbour();
        for (int length = 0; length < whole.Length - 2; length++) // those are padding
            Assert.DoesNotContain("\"hardware_address\":\"02:00:5e:00:53:ff\"", Written(whole[..length]), StringComparison.Ordinal);
        for (int length = 0; length < 12 + 8 + 20; length++) // up to the end of its address
            Assert.Equal("[]", Written(whole[..length]));
    }

    [Fact]
    public void MessagesAreCutAtTheirPadding()
    {
        byte[] first = [.. Number(16 + 5), .. new byte[12], 1, 2, 3, 4, 5, 0, 0, 0];
        byte[] second = [.. Number(16 + 1), .. new byte[12], 9]; // the last one's padding need not be there
        ReadOnlySpan<byte> messages = [.. first, .. second];

        Assert.True(RouteMessage.TryCut(ref messages, out _, out ReadOnlySpan<byte> content));
        Assert.Equal([1, 2, 3, 4, 5], content.ToArray());
        Assert.True(RouteMessage.TryCut(ref messages, out _, out content));
        Assert.Equal([9], content.ToArray());
        Assert.False(RouteMessage.TryCut(ref messages, out _, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)] // less than its header
    [InlineData(18)] // more than there is
    [InlineData(-1)]
    public void AMessageWhoseLengthCannotBeIsNone(int length)
    {
        ReadOnlySpan<byte> messages = [.. Number(length), .. new byte[13]];
        Assert.False(RouteMessage.TryCut(ref messages, out _, out _));
    }

    [Theory]
    [InlineData(0)] // would be looked at for ever
    [InlineData(3)]
    [InlineData(9)] // more than there is
    public void NothingIsFoundBehindAnAttributeWhoseLengthCannotBe(ushort length)
    {
        Assert.True(RouteMessage.TryFind([.. Attribute(7, [1, 2, 3, 4])], 7, out _));
        byte[] damaged = [.. BitConverter.GetBytes(length), 1, 0, .. Attribute(7, [])];
        Assert.False(RouteMessage.TryFind(damaged, 7, out _));
    }

    [Fact]
    public void TheKernelAnswersWithTheLoopbackAmongItsLinks()
    {
        List<string> names = [];
        using RouteDump links = RouteDump.Of(RouteMessage.GetLinks, default(RouteMessage.Link));
        while (links.TryRead(out ReadOnlySpan<byte> content))
        {
            Assert.True(RouteMessage.TryCutBody(ref content, out RouteMessage.Link _));
            Assert.True(RouteMessage.TryFind(content, RouteMessage.LinkName, out ReadOnlySpan<byte> name));
            names.Add(System.Text.Encoding.UTF8.GetString(name[..^1]));
        }
        Assert.Contains("lo", names);
        Assert.True(links.Error is 0 or LibC.Interrupted, LibC.Describe(links.Error)); // an interface may come or go meanwhile
    }

    [Fact]
    public void WhatTheKernelRefusesIsAnError()
    {
        using RouteDump dump = RouteDump.Of(ushort.MaxValue, default(RouteMessage.Link));
        Assert.False(dump.TryRead(out _));
        Assert.True(dump.Error < 0, "there is no such question");
    }

    private static string Written(byte[] content)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text))
        {
            writer.WriteStartArray();
            ReadOnlySpan<byte> attributes = content;
            if (Ipv6Neighbours.TryCut(ref attributes, out RouteMessage.Neighbour neighbour, out ReadOnlySpan<byte> address))
                Ipv6Neighbours.WriteOne(writer, neighbour, address, "lan1", attributes);
            writer.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    private static byte[] Neighbour(byte family = 10, ushort state = 2, byte[]? address = null, byte[]? hardware = null) =>
    [
        family, 0, 0, 0, .. Number(3), .. BitConverter.GetBytes(state), 0, 0, .. Attribute(8, new byte[3]), .. Attribute(1, address ?? Address),
        .. Attribute(2, hardware ?? Hardware),
    ];

    private static byte[] Attribute(ushort type, byte[] value) =>
        [.. BitConverter.GetBytes((ushort)(4 + value.Length)), .. BitConverter.GetBytes(type), .. value, .. new byte[(4 - (value.Length % 4)) % 4]];

    private static byte[] Number(int number) => BitConverter.GetBytes(number);
}
