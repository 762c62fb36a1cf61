using System;
using System.Buffers.Text;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>os: which system is installed, from /etc/os-release or /usr/lib/os-release; os-release(5).</summary>
internal sealed class OperatingSystemCollector(SourceFiles files) : ICollector
{
    private const int MaxText = 1024; // of one value; longer ones are left out
    private const int Id = 1; // of Labels
    private const int IdLike = 2;
    private const int Name = 5;
    private const int VersionId = 11;

    private static readonly byte[][] Labels = // of the names without capitals
        Array.ConvertAll(
            (string[])
            [
                "build_id", "id", "id_like", "image_id", "image_version", "name", "pretty_name", "variant", "variant_id", "version",
                "version_codename", "version_id",
            ],
            Encoding.ASCII.GetBytes);

    private readonly SourceFile _file = files.InRoot("etc/os-release");
    private readonly SourceFile _vendors = files.InRoot("usr/lib/os-release");
    private readonly byte[][] _values = new byte[Labels.Length][];
    private RareLook _look;
    private double? _version;
    private long? _supportEnd;

    public bool Collect(ExpositionWriter writer)
    {
        if (_look.IsDue && !TryRead())
            return false;
        writer.Family(MetricType.Gauge, "node_os_info"u8, "Which system is installed; always 1."u8);
        for (int i = 0; i < Labels.Length; i++)
            writer.Label(Labels[i], _values[i]);
        writer.Sample(1);
        if (_version is double version)
        {
            writer.Family(MetricType.Gauge, "node_os_version"u8, "The first two parts of the system's version."u8);
            foreach (int i in (ReadOnlySpan<int>)[Id, IdLike, Name])
                writer.Label(Labels[i], _values[i]);
            writer.Sample(version);
        }
        if (_supportEnd is long seconds)
        {
            writer.Family(MetricType.Gauge, "node_os_support_end_timestamp_seconds"u8, "When its support ends, in seconds since 1970 UTC."u8);
            writer.Sample(seconds);
        }
        return true;
    }

    private bool TryRead()
    {
        if (!_file.TryRead(out ReadOnlySpan<byte> text) && !_vendors.TryRead(out text))
            return false;
        Span<byte> name = stackalloc byte[32];
        Span<byte> buffer = stackalloc byte[MaxText];
        for (int i = 0; i < Labels.Length; i++)
        {
            Ascii.ToUpper(Labels[i], name, out int length);
            _values[i] = Find(text, name[..length], buffer).ToArray();
        }
        _version = TryParseVersion(_values[VersionId], out double version) ? version : null;
        _supportEnd = TryParseDay(Find(text, "SUPPORT_END"u8, buffer), out long seconds) ? seconds : null;
        _look.Done();
        return true;
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
