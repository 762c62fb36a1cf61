using System;
using System.Text.Json;
using System.Text.RegularExpressions;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>Whatever happens to a source, the document stays one valid JSON object with its list of what is missing.</summary>
public sealed class DamagedSourceTests : IDisposable
{
    private readonly FixtureDevice _device = new();
    private readonly ManualTime _time = new();
    private readonly DeviceStatus _status;

    public DamagedSourceTests()
    {
        _status = _device.Status(time: _time);
        FixtureDevice.Write(_status);
    }

    public void Dispose() => _device.Dispose();

    public static TheoryData<string> Sources
    {
        get
        {
            TheoryData<string> paths = [];
            foreach ((string path, _) in FixtureDevice.RouterFiles)
                paths.Add(path);
            return paths;
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void EveryPrefixOfASourceGivesAValidDocument(string path)
    {
        foreach (byte[] cut in Text.ProperPrefixes(TextOf(path)))
        {
            _device.Put(path, cut);
            AssertValid();
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void AnyDamagedByteOfASourceGivesAValidDocument(string path)
    {
        Random random = new(path.Length); // the same damage in every run
        for (int round = 0; round < 100; round++)
        {
            byte[] bytes = Text.Bytes(TextOf(path));
            for (int i = 0; i < 3; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _device.Put(path, bytes);
            AssertValid();
        }
    }

    private static string TextOf(string path)
    {
        foreach ((string candidate, string text) in FixtureDevice.RouterFiles)
        {
            if (candidate == path)
                return text;
        }
        throw new ArgumentException(path, nameof(path));
    }

    /// <summary>Numbers so large that differences, sums and products of them do not fit.</summary>
    [Theory]
    [MemberData(nameof(Sources))]
    public void AnyNumberOfASourceAtItsGreatestGivesAValidDocument(string path)
    {
        string text = TextOf(path);
        foreach (Match number in Regex.Matches(text, "[0-9]+"))
        {
            foreach (string greatest in new[] { "18446744073709551615", "9223372036854775807", "4294967295" })
            {
                _device.Put(path, text[..number.Index] + greatest + text[(number.Index + number.Length)..]);
                AssertValid();
            }
        }
    }

    /// <summary>Two documents: the second compares the damaged source with what it was, or with another damage.</summary>
    private void AssertValid()
    {
        for (int i = 0; i < 2; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            using JsonDocument document = JsonDocument.Parse(FixtureDevice.Write(_status));
            Assert.Equal(JsonValueKind.Array, document.RootElement.GetProperty("unavailable").ValueKind);
            foreach (JsonElement entry in document.RootElement.GetProperty("unavailable").EnumerateArray())
                Assert.DoesNotContain("Exception", entry.GetProperty("reason").GetString()!, StringComparison.Ordinal);
        }
    }
}
