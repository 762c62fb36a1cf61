using System;

namespace Appliance.Metrics;

/// <summary>
/// What udev knows of a device: lines such as <c>E:ID_MODEL=TOSHIBA</c> of /run/udev/data/b8:0 (the database of systemd's udev,
/// without a specification; libudev reads the same). Without udev, as on OpenWrt, there is none.
/// </summary>
internal sealed class UdevProperties
{
    private byte[] _text = [];
    private int _length;

    /// <summary>Keeps a copy of the file's text; it is the same at most scrapes.</summary>
    public void Keep(ReadOnlySpan<byte> text)
    {
        if (text.Length > _text.Length)
            _text = new byte[text.Length];
        text.CopyTo(_text);
        _length = text.Length;
    }

    /// <summary>The value of a property; empty when it is not there.</summary>
    /// <param name="line">The line's beginning, such as <c>E:ID_MODEL=</c>.</param>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = _text.AsSpan(0, _length);
        while (true)
        {
            int at = rest.IndexOf(line);
            if (at < 0)
                return default;
            bool isWhole = at == 0 ? rest.Length == _length : rest[at - 1] == (byte)'\n';
            rest = rest[(at + line.Length)..];
            if (!isWhole)
                continue;
            int end = rest.IndexOf((byte)'\n');
            return end < 0 ? rest : rest[..end];
        }
    }
}
