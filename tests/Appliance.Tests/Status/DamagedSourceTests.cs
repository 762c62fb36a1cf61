using System;
using System.Text.Json;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>Whatever happens to a source, the document stays one valid JSON object with its list of what is missing.</summary>
public sealed class DamagedSourceTests : IDisposable
{
    private readonly FixtureDevice _device = new();

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

    private void AssertValid()
    {
        using JsonDocument document = JsonDocument.Parse(_device.Document());
        Assert.Equal(JsonValueKind.Array, document.RootElement.GetProperty("unavailable").ValueKind);
    }
}
