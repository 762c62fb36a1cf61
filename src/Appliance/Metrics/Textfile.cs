using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Appliance.Metrics;

/// <summary>A file of another program's metrics, parsed anew when it has another text.</summary>
internal sealed class Textfile : Device
{
    private readonly SourceFile _file;
    private readonly string _wholePath;
    private byte[]? _text;

    /// <param name="name">In its folder.</param>
    /// <param name="folder">Below the device's root.</param>
    /// <param name="files">Where the root is.</param>
    public Textfile(byte[] name, string folder, SourceFiles files)
        : base(name)
    {
        Path = $"{folder}/{Encoding.UTF8.GetString(name)}";
        PathText = Encoding.UTF8.GetBytes(Path);
        DefaultHelp = Encoding.UTF8.GetBytes($"Metric read from {Path}");
        _file = files.InRoot(Path);
        _wholePath = files.Roots.InRoot(Path);
    }

    public string Path { get; }

    public byte[] PathText { get; }

    /// <summary>The help of families that have none, in node_exporter's words.</summary>
    public byte[] DefaultHelp { get; }

    /// <summary>Why nothing of it can be passed on; null when all of it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>None when it has a fault.</summary>
    public List<TextfileFamily> Families { get; private set; } = [];

    /// <summary>What the samples are parts of.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>When it was written, in seconds since 1970 UTC.</summary>
    public long WrittenAt => new DateTimeOffset(File.GetLastWriteTimeUtc(_wholePath)).ToUnixTimeSeconds();

    /// <summary>Reads it again.</summary>
    /// <returns>Whether it says something else than before.</returns>
    public bool TryChange()
    {
        string? before = Fault;
        if (!_file.TryRead(out ReadOnlySpan<byte> text))
        {
            _text = null;
            Families = [];
            Fault = "it cannot be read, or is too long";
            return Fault != before;
        }
        if (_text is not null && text.SequenceEqual(_text))
            return false;
        _text = text.ToArray();
        Fault = TextfileParser.Parse(_text, out List<TextfileFamily> families);
        Families = Fault is null ? families : [];
        return true;
    }

    public override void Dispose() => _file.Dispose();
}
