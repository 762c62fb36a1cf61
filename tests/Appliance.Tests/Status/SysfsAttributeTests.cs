using System;
using System.IO;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

public sealed class SysfsAttributeTests : IDisposable
{
    private readonly FixtureDevice _device = new([]);

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData("up\n", "up")]
    [InlineData(" two words \n", "two words")]
    [InlineData("1234567", "1234567")]
    public void AWordOrLineComesWithoutTheBlanksAroundIt(string text, string expected)
    {
        _device.Put("sys/attribute", text);
        Assert.True(SysfsAttribute.TryRead(PathOf("attribute"), stackalloc byte[16], out ReadOnlySpan<byte> value));
        Assert.True(value.SequenceEqual(Text.Bytes(expected)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")] // a tunnel's address
    [InlineData("0123456789abcdef")] // longer than the buffer, maybe
    public void AnEmptyOrLongOneIsNone(string text)
    {
        _device.Put("sys/attribute", text);
        Assert.False(SysfsAttribute.TryRead(PathOf("attribute"), stackalloc byte[16], out _));
    }

    [Theory]
    [InlineData("-40000\n", true, -40000)]
    [InlineData("0\n", true, 0)]
    [InlineData("1.5\n", false, 0)]
    [InlineData("12 V\n", false, 0)]
    [InlineData("9223372036854775808\n", false, 0)]
    public void ANumberFillsItsAttribute(string text, bool valid, long expected)
    {
        _device.Put("sys/attribute", text);
        Assert.Equal(valid, SysfsAttribute.TryReadNumber(PathOf("attribute"), out long number));
        if (valid)
            Assert.Equal(expected, number);
    }

    [Fact]
    public void WhatIsNotThereOrAFolderOrTooLongANameIsNone()
    {
        Directory.CreateDirectory(PathOf("folder"));
        foreach (string path in new[] { "missing", "folder", new string('x', 5000) })
            Assert.False(SysfsAttribute.TryReadNumber(PathOf(path), out _));
    }

    private string PathOf(string name) => _device.Roots.InSys(name);
}
