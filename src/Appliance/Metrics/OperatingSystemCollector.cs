using System;
using System.Buffers.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>os: which system is installed, from /etc/os-release or /usr/lib/os-release; os-release(5).</summary>
internal sealed class OperatingSystemCollector(SourceFiles files) : ICollector
{
    private const int MaxText = 1024; // of one value; longer ones are left out

    private readonly SourceFile _file = files.InRoot("etc/os-release");
    private readonly SourceFile _vendors = files.InRoot("usr/lib/os-release");
    private RareLook _look;
    private byte[] _text = [];

    public bool Collect(ExpositionWriter writer)
    {
        if (_look.IsDue() && !TryRead())
        {
            _look.Repeat();
            return false;
        }
        ReadOnlySpan<byte> text = _text;
        Span<byte> buffer = stackalloc byte[MaxText];
        writer.Family(MetricType.Gauge, "node_os_info"u8, "Which system is installed; always 1."u8);
        writer.Label("build_id"u8, Find(text, "BUILD_ID"u8, buffer)).Label("id"u8, Find(text, "ID"u8, buffer))
            .Label("id_like"u8, Find(text, "ID_LIKE"u8, buffer)).Label("image_id"u8, Find(text, "IMAGE_ID"u8, buffer))
            .Label("image_version"u8, Find(text, "IMAGE_VERSION"u8, buffer)).Label("name"u8, Find(text, "NAME"u8, buffer))
            .Label("pretty_name"u8, Find(text, "PRETTY_NAME"u8, buffer)).Label("variant"u8, Find(text, "VARIANT"u8, buffer))
            .Label("variant_id"u8, Find(text, "VARIANT_ID"u8, buffer)).Label("version"u8, Find(text, "VERSION"u8, buffer))
            .Label("version_codename"u8, Find(text, "VERSION_CODENAME"u8, buffer)).Label("version_id"u8, Find(text, "VERSION_ID"u8, buffer))
            .Sample(1);

        if (TryParseVersion(Find(text, "VERSION_ID"u8, buffer), out double version))
        {
            writer.Family(MetricType.Gauge, "node_os_version"u8, "The first two parts of the system's version."u8);
            writer.Label("id"u8, Find(text, "ID"u8, buffer)).Label("id_like"u8, Find(text, "ID_LIKE"u8, buffer))
                .Label("name"u8, Find(text, "NAME"u8, buffer)).Sample(version);
        }
        if (TryParseDay(Find(text, "SUPPORT_END"u8, buffer), out long seconds))
        {
            writer.Family(MetricType.Gauge, "node_os_support_end_timestamp_seconds"u8, "When its support ends, in seconds since 1970 UTC."u8);
            writer.Sample(seconds);
        }
        return true;
    }

    private bool TryRead()
    {
        bool read = _file.TryRead(out ReadOnlySpan<byte> text) || _vendors.TryRead(out text);
        _text = text.ToArray();
        return read;
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, Span<byte> buffer) =>
        OsRelease.TryFind(text, name, buffer, out int length) ? buffer[..length] : default;

    /// <summary>"20.04.2" is 20.04.</summary>
    private static bool TryParseVersion(ReadOnlySpan<byte> text, out double version)
    {
        int point = text.IndexOf((byte)'.');
        int end = point < 0 ? -1 : text[(point + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        ReadOnlySpan<byte> number = end < 0 ? text : text[..(point + 1 + end)];
        return Utf8Parser.TryParse(number.TrimEnd((byte)'.'), out version, out int used) && used > 0 && version > 0;
    }

    private static bool TryParseDay(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        if (text.Length != "2026-01-31".Length || text[4] != (byte)'-' || text[7] != (byte)'-'
            || !FieldReader.TryParseNumber(text[..4], out ulong year) || year is 0 or > 9999
            || !FieldReader.TryParseNumber(text[5..7], out ulong month) || month is 0 or > 12
            || !FieldReader.TryParseNumber(text[8..], out ulong day) || day == 0
            || day > (ulong)DateTime.DaysInMonth((int)year, (int)month))
        {
            return false;
        }
        seconds = new DateTimeOffset((int)year, (int)month, (int)day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        return true;
    }
}
